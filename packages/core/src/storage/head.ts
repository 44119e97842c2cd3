import type { LocalStore, StoreValue } from '../contracts/local-store.ts'
import type { Mutation } from '../model/mutation.ts'
import { LEDGER, LOGS, MANIFEST_KEY, parseLogKey, parseNo } from './keys.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { decodeManifest, type Manifest } from './manifest.ts'
import { decodeLedger, decodeLog } from './records.ts'

const SLICE_RECORDS = 128

export interface LogTail {
  readonly writer: string
  readonly seq: number
  readonly mutations: readonly Mutation[]
}

/** All of a database but its pages. */
export interface Head {
  readonly manifest: Manifest
  readonly manifestText: string
  readonly ledger: readonly (readonly [no: number, entries: readonly LedgerEntry[]])[]
  readonly logs: readonly LogTail[]
}

/**
 * The three parts are asked for in this order: every mutation that an entry of the ledger speaks of
 * is then in the log, or was folded away, which changes the manifest. Null if there is no manifest.
 */
export async function readHead(store: LocalStore): Promise<Head | null> {
  const [manifestText, ledger] = await Promise.all([readManifest(store), scanAll(store, LEDGER)])
  if (manifestText === null) return null
  const logs = await scanAll(store, LOGS)
  return {
    manifest: decodeManifest(manifestText),
    manifestText,
    ledger: ledger.map(([key, text]) => [parseNo(key), decodeLedger(text, key)]),
    logs: logs.map(([key, text]) => ({ ...parseLogKey(key), mutations: decodeLog(text, key) })),
  }
}

/** How many mutations wait for the outcome of a push. */
export function pendingIn({ ledger, logs }: Head): number {
  const waiting = new Set(logs.flatMap(({ mutations }) => mutations.map(({ id }) => id)))
  const entries = ledger.flatMap(([, some]) => some)
  for (const entry of entries) if (entry.kind === 'carried') waiting.add(entry.mutation.id)
  for (const entry of entries)
    if (entry.kind === 'settled' || entry.kind === 'gone') for (const id of entry.ids) waiting.delete(id)
  return waiting.size
}

export async function readManifest(store: LocalStore): Promise<string | null> {
  const [text] = await store.getMany([MANIFEST_KEY])
  if (text === undefined) return null
  return typeof text === 'string' ? text : ''
}

/** A range of any length, in slices. */
export async function scanAll(
  store: LocalStore,
  range: { readonly from: string; readonly to: string },
): Promise<[key: string, value: StoreValue][]> {
  const found: [string, StoreValue][] = []
  let from = range.from
  for (;;) {
    const entries = await store.scan({ from, to: range.to, limit: SLICE_RECORDS })
    found.push(...entries)
    const last = entries.at(-1)
    if (last === undefined || entries.length < SLICE_RECORDS) return found
    from = `${last[0]}\u0000`
  }
}
