import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Document, LocatedVersion } from '../model/document.ts'
import type { Change, Mutation } from '../model/mutation.ts'
import { mutationsOf, type Stamped } from '../model/run.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { entryOf, type LedgerRow, ledgerRowOf } from './ledger-row.ts'

/*
 * Text of pages, log records and ledger records: one array of rows each. Items are made into text a few
 * at a time, so that a record can be closed before it grows over its bound, and an item is never in one
 * text with many that turn out large; one by one costs twice as much.
 */
export const PAGE_ROWS = 500
export const PAGE_CHARS = 128 * 1024
export const LOG_CHARS = 256 * 1024
const LOG_BOUNDS = { maxCount: Number.POSITIVE_INFINITY, maxChars: LOG_CHARS }
const ITEMS_TOGETHER = 50

export interface RecordText {
  readonly text: string
  readonly count: number
}

/** Items in a row of which texts are made in one way. */
interface Stretch<T> {
  readonly items: readonly T[]
  /** The rows of some, without the brackets around them. */
  readonly textOf: (some: readonly T[]) => string
}

interface Bounds {
  readonly maxCount: number
  readonly maxChars: number
}

/** Splits items over records of at most `maxCount` of them and, but for a single larger one, `maxChars` characters. */
function packRecords<T>(stretches: readonly Stretch<T>[], { maxCount, maxChars }: Bounds): RecordText[] {
  const records: RecordText[] = []
  let parts: string[] = []
  let count = 0
  let chars = 0
  const close = () => {
    if (count > 0) {
      // The brackets come into the first and the last part, since around the whole they cost one more copy of it.
      parts[0] = `[${parts[0]}`
      parts.push(`${parts.pop()}]`)
      records.push({ text: parts.join(','), count })
    }
    parts = []
    count = 0
    chars = 0
  }
  const add = (some: readonly T[], textOf: Stretch<T>['textOf']) => {
    const text = textOf(some)
    if (chars + text.length > maxChars && count + some.length > 1) {
      close()
      if (text.length > maxChars && some.length > 1) {
        const half = some.length >> 1
        add(some.slice(0, half), textOf)
        return add(some.slice(half), textOf)
      }
    }
    parts.push(text)
    count += some.length
    chars += text.length + 1
  }
  for (const { items, textOf } of stretches) {
    for (let at = 0; at < items.length; ) {
      if (count >= maxCount) close()
      const some = items.slice(at, at + Math.min(ITEMS_TOGETHER, maxCount - count))
      add(some, textOf)
      at += some.length
    }
  }
  close()
  return records
}

/** Each item is a row. */
function inRows<T>(items: readonly T[], rowOf: (item: T) => unknown): Stretch<T> {
  return { items, textOf: (some) => JSON.stringify(some.map(rowOf)).slice(1, -1) }
}

type PageRow = [collection: string, rev: string, hlc: string, documentOrId: Document | string]
/**
 * Most mutations create a document, of which nothing more is to be said: its id is in it. Those of a run are
 * one row, with the id and timestamp of the first.
 */
type LogRow =
  | [id: string, hlc: string, collection: string, base: string | null, created: Document | Document[]]
  | [
      id: string,
      hlc: string,
      collection: string,
      base: string | null,
      documentId: string,
      Change,
      group?: string,
    ]

export function encodePages(versions: readonly LocatedVersion[]): RecordText[] {
  return packRecords([inRows(versions, pageRowOf)], { maxCount: PAGE_ROWS, maxChars: PAGE_CHARS })
}

function pageRowOf({ collection, id, rev, hlc, value }: LocatedVersion): PageRow {
  return [collection, rev, hlc, value ?? id]
}

export function decodePage(text: unknown, key: string): LocatedVersion[] {
  return decodeRows<PageRow, LocatedVersion>(text, key, (rows) =>
    rows.map(([collection, rev, hlc, content]) =>
      typeof content === 'string'
        ? { collection, id: content, rev, hlc, value: null }
        : { collection, id: content.id, rev, hlc, value: content },
    ),
  )
}

export function encodeLog({ mutations, runs }: Stamped): RecordText[] {
  const stretches: Stretch<Mutation>[] = []
  let at = 0
  for (const { from, to } of runs) {
    stretches.push(inRows(mutations.slice(at, from), logRowOf))
    stretches.push({ items: mutations.slice(from, to), textOf: runText })
    at = to
  }
  stretches.push(inRows(at === 0 ? mutations : mutations.slice(at), logRowOf))
  return packRecords(stretches, LOG_BOUNDS)
}

function runText(mutations: readonly Mutation[]): string {
  const [{ id, hlc, collection }] = mutations as readonly [Mutation]
  const created = mutations.map(({ change }) => change.kind === 'create' && change.value)
  return JSON.stringify([id, hlc, collection, null, created])
}

function logRowOf({ id, hlc, collection, documentId, base, change, group }: Mutation): LogRow {
  if (group !== undefined) return [id, hlc, collection, base, documentId, change, group]
  return change.kind === 'create' && change.over === undefined && change.value.id === documentId
    ? [id, hlc, collection, base, change.value]
    : [id, hlc, collection, base, documentId, change]
}

export function decodeLog(text: unknown, key: string): Mutation[] {
  return decodeRows<LogRow, Mutation>(text, key, (rows) =>
    rows.flatMap(([id, hlc, collection, base, of, change, group]): Mutation | Mutation[] => {
      if (Array.isArray(of)) return mutationsOf(of, { id, hlc, collection })
      if (typeof of !== 'string') {
        return { id, hlc, collection, documentId: of.id, base, change: { kind: 'create', value: of } }
      }
      const mutation = { id, hlc, collection, documentId: of, base, change: change as Change }
      return group === undefined ? mutation : { ...mutation, group }
    }),
  )
}

export function encodeLedger(entries: readonly LedgerEntry[]): RecordText[] {
  return packRecords([inRows(entries, ledgerRowOf)], LOG_BOUNDS)
}

export function decodeLedger(text: unknown, key: string): LedgerEntry[] {
  return decodeRows<LedgerRow, LedgerEntry>(text, key, (rows) => rows.map(entryOf))
}

/** Throws `store_corrupt` for what is no list of rows, and for rows that tell nothing. */
function decodeRows<Row, Item>(text: unknown, key: string, itemsOf: (rows: Row[]) => Item[]): Item[] {
  try {
    const rows: unknown = typeof text === 'string' ? JSON.parse(text) : undefined
    if (Array.isArray(rows)) return itemsOf(rows as Row[])
  } catch (cause) {
    throw corrupt(key, cause)
  }
  throw corrupt(key, undefined)
}

function corrupt(key: string, cause: unknown): HoldfastError {
  return new HoldfastError(
    'store_corrupt',
    `Record ${key} of the local database cannot be read. Nothing was changed; the other records are as they were.`,
    { cause, details: { key } },
  )
}
