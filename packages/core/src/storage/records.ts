import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Document, LocatedVersion } from '../model/document.ts'
import type { Change, Mutation } from '../model/mutation.ts'
import type { LedgerEntry } from './ledger-entry.ts'

/*
 * Text of pages, log records and ledger records. Rows are made into text one by one and joined,
 * so that a record can be closed before it grows over its bound.
 */
export const PAGE_ROWS = 500
export const PAGE_CHARS = 128 * 1024
export const LOG_CHARS = 256 * 1024

export interface RecordText {
  readonly text: string
  readonly count: number
}

/** Splits `rows` over records of at most `maxCount` rows and, but for a single larger row, `maxChars` characters. */
function packRecords<T>(
  rows: Iterable<T>,
  rowText: (row: T) => string,
  limits: { maxCount: number; maxChars: number },
) {
  const records: RecordText[] = []
  let parts: string[] = []
  let chars = 0
  const close = () => {
    if (parts.length > 0) records.push({ text: `[${parts.join(',')}]`, count: parts.length })
    parts = []
    chars = 0
  }
  for (const row of rows) {
    const text = rowText(row)
    if (parts.length >= limits.maxCount || (parts.length > 0 && chars + text.length > limits.maxChars))
      close()
    parts.push(text)
    chars += text.length + 1
  }
  close()
  return records
}

type PageRow = [collection: string, rev: string, hlc: string, documentOrId: Document | string]
type LogRow = [
  id: string,
  hlc: string,
  collection: string,
  documentId: string,
  base: string | null,
  Change,
  group?: string,
]

export function encodePages(versions: Iterable<LocatedVersion>): RecordText[] {
  return packRecords(
    versions,
    ({ collection, id, rev, hlc, value }) =>
      JSON.stringify([collection, rev, hlc, value ?? id] satisfies PageRow),
    { maxCount: PAGE_ROWS, maxChars: PAGE_CHARS },
  )
}

export function decodePage(text: unknown, key: string): LocatedVersion[] {
  return parseRows<PageRow>(text, key).map(([collection, rev, hlc, content]) =>
    typeof content === 'string'
      ? { collection, id: content, rev, hlc, value: null }
      : { collection, id: content.id, rev, hlc, value: content },
  )
}

export function encodeLog(mutations: Iterable<Mutation>): RecordText[] {
  return packRecords(
    mutations,
    ({ id, hlc, collection, documentId, base, change, group }) => {
      const row: LogRow = [id, hlc, collection, documentId, base, change]
      if (group !== undefined) row.push(group)
      return JSON.stringify(row)
    },
    { maxCount: Number.POSITIVE_INFINITY, maxChars: LOG_CHARS },
  )
}

export function decodeLog(text: unknown, key: string): Mutation[] {
  return parseRows<LogRow>(text, key).map(([id, hlc, collection, documentId, base, change, group]) => ({
    id,
    hlc,
    collection,
    documentId,
    base,
    change,
    ...(group === undefined ? {} : { group }),
  }))
}

export function encodeLedger(entries: Iterable<LedgerEntry>): RecordText[] {
  return packRecords(entries, (entry) => JSON.stringify(entry), {
    maxCount: Number.POSITIVE_INFINITY,
    maxChars: LOG_CHARS,
  })
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
