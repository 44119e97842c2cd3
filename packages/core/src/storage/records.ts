import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Document, LocatedVersion } from '../model/document.ts'
import type { Change, Mutation } from '../model/mutation.ts'
import type { LedgerEntry } from './ledger-entry.ts'

/*
 * Text of pages, log records and ledger records: one array of rows each. Rows are made into text a few
 * at a time, so that a record can be closed before it grows over its bound, and a row is never in one
 * text with many that turn out large; one by one costs twice as much.
 */
export const PAGE_ROWS = 500
export const PAGE_CHARS = 128 * 1024
export const LOG_CHARS = 256 * 1024
const ROWS_TOGETHER = 50

export interface RecordText {
  readonly text: string
  readonly count: number
}

interface Packing<T> {
  readonly maxCount: number
  readonly maxChars: number
  readonly rowOf: (item: T) => unknown
}

/** Splits `items` over records of at most `maxCount` rows and, but for a single larger row, `maxChars` characters. */
function packRecords<T>(items: readonly T[], { maxCount, maxChars, rowOf }: Packing<T>): RecordText[] {
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
  const add = (rows: readonly unknown[]) => {
    const text = JSON.stringify(rows).slice(1, -1)
    if (chars + text.length > maxChars && count + rows.length > 1) {
      close()
      if (text.length > maxChars && rows.length > 1) {
        const half = rows.length >> 1
        add(rows.slice(0, half))
        return add(rows.slice(half))
      }
    }
    parts.push(text)
    count += rows.length
    chars += text.length + 1
  }
  for (let at = 0; at < items.length; ) {
    if (count >= maxCount) close()
    const some = items.slice(at, at + Math.min(ROWS_TOGETHER, maxCount - count))
    add(some.map(rowOf))
    at += some.length
  }
  close()
  return records
}

type PageRow = [collection: string, rev: string, hlc: string, documentOrId: Document | string]
/** Most mutations create a document, of which nothing more is to be said: its id is in it. */
type LogRow =
  | [id: string, hlc: string, collection: string, base: string | null, created: Document]
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
  return packRecords(versions, { maxCount: PAGE_ROWS, maxChars: PAGE_CHARS, rowOf: pageRowOf })
}

function pageRowOf({ collection, id, rev, hlc, value }: LocatedVersion): PageRow {
  return [collection, rev, hlc, value ?? id]
}

export function decodePage(text: unknown, key: string): LocatedVersion[] {
  return parseRows<PageRow>(text, key).map(([collection, rev, hlc, content]) =>
    typeof content === 'string'
      ? { collection, id: content, rev, hlc, value: null }
      : { collection, id: content.id, rev, hlc, value: content },
  )
}

export function encodeLog(mutations: readonly Mutation[]): RecordText[] {
  return packRecords(mutations, { maxCount: Number.POSITIVE_INFINITY, maxChars: LOG_CHARS, rowOf: logRowOf })
}

function logRowOf({ id, hlc, collection, documentId, base, change, group }: Mutation): LogRow {
  if (group !== undefined) return [id, hlc, collection, base, documentId, change, group]
  return change.kind === 'create' && change.over === undefined && change.value.id === documentId
    ? [id, hlc, collection, base, change.value]
    : [id, hlc, collection, base, documentId, change]
}

export function decodeLog(text: unknown, key: string): Mutation[] {
  return parseRows<LogRow>(text, key).map(([id, hlc, collection, base, of, change, group]) => {
    if (typeof of !== 'string') {
      return { id, hlc, collection, documentId: of.id, base, change: { kind: 'create', value: of } }
    }
    const mutation = { id, hlc, collection, documentId: of, base, change: change as Change }
    return group === undefined ? mutation : { ...mutation, group }
  })
}

export function encodeLedger(entries: readonly LedgerEntry[]): RecordText[] {
  const rowOf = (entry: LedgerEntry) => entry
  return packRecords(entries, { maxCount: Number.POSITIVE_INFINITY, maxChars: LOG_CHARS, rowOf })
}

export function decodeLedger(text: unknown, key: string): LedgerEntry[] {
  return parseRows<LedgerEntry>(text, key)
}

function parseRows<T>(text: unknown, key: string): T[] {
  try {
    const rows: unknown = typeof text === 'string' ? JSON.parse(text) : undefined
    if (Array.isArray(rows)) return rows as T[]
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
