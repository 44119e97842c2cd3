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

/** What the keys tell of a head: which records there are. */
export interface HeadKeys {
  readonly manifest: Manifest
  readonly ledger: readonly (readonly [no: number, ...unknown[]])[]
  readonly logs: readonly { readonly writer: string; readonly seq: number }[]
}

/** Null if there is no manifest. */
export async function readHead(store: LocalStore): Promise<Head | null> {
  const texts = await readTexts(store)
  if (texts === null) return null
  return {
    manifest: decodeManifest(texts.manifestText),
    manifestText: texts.manifestText,
    ledger: texts.ledger.map(([key, text]) => [parseNo(key), decodeLedger(text, key)]),
    logs: texts.logs.map(([key, text]) => ({ ...parseLogKey(key), mutations: decodeLog(text, key) })),
  }
}

/** The same, of which no record is decoded but the manifest. */
export async function readHeadKeys(store: LocalStore): Promise<HeadKeys | null> {
  const texts = await readTexts(store)
  if (texts === null) return null
  return {
    manifest: decodeManifest(texts.manifestText),
    ledger: texts.ledger.map(([key]) => [parseNo(key)]),
    logs: texts.logs.map(([key]) => parseLogKey(key)),
  }
}

/**
 * The three parts are asked for in this order: every mutation that an entry of the ledger speaks of
 * is then in the log, or was folded away, which changes the manifest.
 */
async function readTexts(store: LocalStore) {
  const [manifestText, ledger] = await Promise.all([readManifest(store), scanAll(store, LEDGER)])
  return manifestText === null ? null : { manifestText, ledger, logs: await scanAll(store, LOGS) }
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
