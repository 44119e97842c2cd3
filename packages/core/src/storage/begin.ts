import type { LocalStore } from '../contracts/local-store.ts'
import { HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'
import type { Hlc } from '../model/document.ts'
import { MANIFEST_KEY } from './keys.ts'
import { readManifest } from './load.ts'
import { encodeManifest, newManifest } from './manifest.ts'

export interface BeginOptions {
  readonly store: LocalStore
  readonly newReplica: string
  readonly user: string | null
  readonly clock: () => Hlc
}

/** The first manifest of a new database; `store_corrupt` if it has records and none. */
export async function beginDatabase({ store, newReplica, user, clock }: BeginOptions): Promise<string> {
  const [record] = await store.scan({ from: '', to: '\uffff', limit: 1 })
  if (record !== undefined) {
    // Another tab may have begun it since this one looked.
    const begun = await readManifest(store)
    if (begun !== null) return begun
    throw new HoldfastError(
      'store_corrupt',
      'The local database has records but no manifest. Nothing was changed. Restore it, or open another name.',
      { details: { key: record[0] } },
    )
  }
  const text = encodeManifest(newManifest({ replica: newReplica, user, hlc: clock() }))
  try {
    await store.write({ put: [[MANIFEST_KEY, text]] }, { expect: { key: MANIFEST_KEY, value: null } })
    return text
  } catch (error) {
    if (!isHoldfastError(error, 'store_conflict')) throw error
    return (await readManifest(store)) ?? ''
  }
}
