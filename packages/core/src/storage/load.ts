import type { LocalStore } from '../contracts/local-store.ts'
import type { LocatedVersion } from '../model/document.ts'
import type { Mutation } from '../model/mutation.ts'
import { LEDGER, LOGS, MANIFEST_KEY, pageKey, parseLogKey, parseNo } from './keys.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { decodeManifest, type Manifest } from './manifest.ts'
import { decodeLedger, decodeLog, decodePage } from './records.ts'

/** No read transaction is longer than this, since a long one blocks the writes of other tabs. */
const SLICE_BYTES = 512 * 1024
const SLICE_RECORDS = 128

export interface LogTail {
  readonly writer: string
  readonly seq: number
  readonly mutations: readonly Mutation[]
}

/** Everything on disk, as of one manifest. */
export interface Snapshot {
  readonly manifest: Manifest
  readonly manifestText: string
  readonly pages: ReadonlyMap<number, readonly LocatedVersion[]>
  readonly ledger: readonly (readonly [no: number, entries: readonly LedgerEntry[]])[]
  readonly logs: readonly LogTail[]
}

/**
 * Reads the database in slices. A leader in another tab may commit between two slices, so the
 * manifest is read again at the end, and what changed is read again until both agree; pages never
 * change under their number, so no page is read twice. Null if there is no manifest.
 *
 * The ledger is read before the log: every mutation that an entry speaks of is then in what is
 * read later, or was folded away, which changes the manifest.
 */
export async function loadSnapshot(store: LocalStore): Promise<Snapshot | null> {
  const known = new Map<number, readonly LocatedVersion[]>()
  for (;;) {
    const manifestText = await readManifest(store)
    if (manifestText === null) return null
    const manifest = decodeManifest(manifestText)
    const ledger = await readLedger(store)
    const logs = await readLogs(store)
    const isWhole = await readPages(store, manifest, known)
    if (isWhole && (await readManifest(store)) === manifestText) {
      const pages = new Map(manifest.pages.map(([no]) => [no, known.get(no) ?? []]))
      return { manifest, manifestText, pages, ledger, logs }
    }
  }
}

export async function readManifest(store: LocalStore): Promise<string | null> {
  const [text] = await store.getMany([MANIFEST_KEY])
  if (text === undefined) return null
  return typeof text === 'string' ? text : ''
}

/** False if a page was compacted away meanwhile. */
async function readPages(
  store: LocalStore,
  manifest: Manifest,
  known: Map<number, readonly LocatedVersion[]>,
) {
  let slice: number[] = []
  let bytes = 0
  const readSlice = async () => {
    const texts = await store.getMany(slice.map(pageKey))
    for (const [i, no] of slice.entries()) {
      const text = texts[i]
      if (text === undefined) return false
      known.set(no, decodePage(text, pageKey(no)))
    }
    slice = []
    bytes = 0
    return true
  }
  for (const [no, , size] of manifest.pages) {
    if (known.has(no)) continue
    if (slice.length > 0 && bytes + size > SLICE_BYTES && !(await readSlice())) return false
    slice.push(no)
    bytes += size
  }
  return slice.length === 0 || (await readSlice())
}

async function readLedger(store: LocalStore) {
  const entries: [number, LedgerEntry[]][] = []
  for await (const [key, text] of scanAll(store, LEDGER))
    entries.push([parseNo(key), decodeLedger(text, key)])
  return entries
}

async function readLogs(store: LocalStore) {
  const logs: LogTail[] = []
  for await (const [key, text] of scanAll(store, LOGS)) {
    logs.push({ ...parseLogKey(key), mutations: decodeLog(text, key) })
  }
  return logs
}

async function* scanAll(store: LocalStore, range: { from: string; to: string }) {
  let from = range.from
  for (;;) {
    const entries = await store.scan({ from, to: range.to, limit: SLICE_RECORDS })
    yield* entries
    const last = entries.at(-1)
    if (last === undefined || entries.length < SLICE_RECORDS) return
    from = `${last[0]}\u0000`
  }
}
