import { type RemoteChange, replicaOf } from '@holdfast/core'
import type { StoredVersion } from '../document-item.ts'
import { documentKey } from '../keys.ts'
import type { LogEntry, LogItem } from '../log-item.ts'
import { readDocuments, readSettled } from '../read-documents.ts'
import { pause } from '../runtime.ts'
import type { Space } from '../space.ts'
import type { Bootstraps } from './bootstraps.ts'
import type { Following } from './position.ts'

/** Waits for a document that is older than its log entry, ms. */
const DOCUMENT_WAITS_MS = [0, 5, 10, 20, 40]

export interface Wish {
  /** The collections that follow the log, with their positions. */
  readonly following: ReadonlyMap<string, Following>
  /** For these the asking replica's own values are left out. */
  readonly replica: string
  readonly mayOmit: (collection: string) => boolean
  readonly bootstraps: Bootstraps
  /** Of another one the log says which documents to look at, and not what they are: they may have been put back. */
  readonly epoch: string
  readonly limit: number
  readonly signal: AbortSignal
}

export interface Followed {
  readonly changes: readonly RemoteChange[]
  /** The last log item that was taken whole; null: none. */
  readonly last: LogItem | null
  /** Items were left because the page was full. */
  readonly cut: boolean
  /** Items were left because a document is not visible yet. */
  readonly pending: boolean
}

interface Wanted {
  readonly entry: LogEntry
  readonly number: number
  readonly own: boolean
}

/** Turns log items into changes: the latest version of each document in them. */
export async function follow(space: Space, items: readonly LogItem[], wish: Wish): Promise<Followed> {
  const wanted = new Map<string, Wanted>()
  let taken = 0
  for (const item of items) {
    if (wanted.size >= wish.limit) break
    const isCurrent = item.epoch === wish.epoch || !space.rules.oneEpoch
    for (const entry of item.entries) {
      want(wanted, isCurrent ? entry : { ...entry, value: undefined }, item.number, wish)
    }
    taken += 1
  }
  const { documents, badNumber } = await readReferences(space, wanted, wish.signal)
  const whole = items.slice(0, taken).filter((item) => badNumber === null || item.number < badNumber)
  const last = whole[whole.length - 1] ?? null
  const changes: RemoteChange[] = []
  for (const [key, each] of wanted) {
    if (last !== null && each.number <= last.number) {
      const change = changeOf(each, documents.get(key))
      if (change !== null) changes.push(change)
    }
  }
  return { changes, last, cut: taken < items.length, pending: badNumber !== null }
}

function want(wanted: Map<string, Wanted>, entry: LogEntry, number: number, wish: Wish): void {
  const position = wish.following.get(entry.collection)
  if (position === undefined || number <= position.number) return
  const key = documentKey(entry.collection, entry.id)
  if (wish.bootstraps.covers(position.bootstrap, key, number)) return
  const own =
    entry.value !== null &&
    number > Math.max(position.scannedTo, position.replayTo) &&
    wish.mayOmit(entry.collection) &&
    replicaOf(entry.hlc) === wish.replica
  // Deleted first, so that a document stands where its latest version does.
  wanted.delete(key)
  wanted.set(key, { entry, number, own })
}

function changeOf({ entry, own }: Wanted, document: StoredVersion | undefined): RemoteChange | null {
  const { collection, id, rev, hlc, value } = entry
  if (own) return { collection, id, rev, hlc, value: null, own }
  if (value !== undefined) return { collection, id, rev, hlc, value }
  // Gone for good: what remains is found by comparing keys.
  if (document === undefined) return null
  return { collection, id, rev: document.rev, hlc: document.hlc, value: document.value }
}

/** The documents that the log names only; `badNumber`: the first log item whose document is not there yet. */
async function readReferences(
  space: Space,
  wanted: ReadonlyMap<string, Wanted>,
  signal: AbortSignal,
): Promise<{ documents: Map<string, StoredVersion>; badNumber: number | null }> {
  const documents = new Map<string, StoredVersion>()
  let missing = new Map([...wanted].filter(([, { entry, own }]) => entry.value === undefined && !own))
  for (const ms of DOCUMENT_WAITS_MS) {
    if (missing.size === 0) break
    await pause(space.runtime, ms, signal)
    for (const [key, document] of await readDocuments(space, [...missing.keys()], signal)) {
      documents.set(key, document)
    }
    if (!space.rules.checkReferences) break
    missing = new Map([...missing].filter(([key, { number }]) => (documents.get(key)?.number ?? 0) < number))
  }
  if (!space.rules.checkReferences) return { documents, badNumber: null }
  const numbers: number[] = []
  for (const [key, { number }] of missing) {
    const document = await readSettled(space, key, signal)
    if (document === 'pending') numbers.push(number)
    else if (document !== undefined) documents.set(key, document)
  }
  return { documents, badNumber: numbers.length === 0 ? null : Math.min(...numbers) }
}
