import type { LocalStore } from '../contracts/local-store.ts'
import { HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'
import type { Hlc } from '../model/document.ts'
import { type Head, readHead, readManifest } from './head.ts'
import { MANIFEST_KEY } from './keys.ts'
import { encodeManifest, newManifest } from './manifest.ts'
import { lost } from './refusals.ts'

export interface BeginOptions {
  readonly store: LocalStore
  readonly newReplica: string
  readonly user: string | null
  readonly clock: () => Hlc
}

/** The head of a new database; `store_corrupt` if it has records and no manifest. */
export async function readBegun(options: BeginOptions): Promise<Head> {
  await beginDatabase(options)
  const head = await readHead(options.store)
  if (head === null) throw lost()
  return head
}

async function beginDatabase({ store, newReplica, user, clock }: BeginOptions): Promise<void> {
  const [record] = await store.scan({ from: '', to: '\uffff', limit: 1 })
  if (record !== undefined) {
    // Another tab may have begun it since this one looked.
    if ((await readManifest(store)) !== null) return
    throw new HoldfastError(
      'store_corrupt',
      'The local database has records but no manifest. Nothing was changed. Restore it, or open another name.',
      { details: { key: record[0] } },
    )
  }
  const text = encodeManifest(newManifest({ replica: newReplica, user, hlc: clock() }))
  try {
    await store.write({ put: [[MANIFEST_KEY, text]] }, { expect: { key: MANIFEST_KEY, value: null } })
  } catch (error) {
    if (!isHoldfastError(error, 'store_conflict')) throw error
  }
}
