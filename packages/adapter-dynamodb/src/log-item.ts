import type { Document, Hlc, Rev } from '@holdfast/core'
import { isPlainObject } from '@holdfast/core'
import { protocolError } from './failures.ts'
import type { Item } from './item-size.ts'
import { numberOfLogKey } from './keys.ts'

/** Documents in one transaction, and so in one log item: 100 items less the head and the log item. */
export const MAX_DOCUMENTS = 98

/** Bodies up to this many bytes stand in the log itself. */
export const EMBED_BYTES = 1_024
/** Largest `entries` text of one log item, in bytes. */
export const MAX_ENTRIES_BYTES = 350 * 1_024

/** One document of one transaction. `value` is undefined when the body stands only in the document item. */
export interface LogEntry {
  readonly collection: string
  readonly id: string
  readonly rev: Rev
  readonly hlc: Hlc
  readonly value: Document | null | undefined
}

export interface LogItem {
  readonly number: number
  readonly epoch: string
  readonly entries: readonly LogEntry[]
}

/** Tells this log item from any other that could stand under its number. */
export function markOf(item: LogItem): string {
  return item.entries[0]?.rev ?? `epoch ${item.epoch}`
}

/*
 * `entries` is JSON text: [[collection, id, rev, hlc, body], …], where body is the document itself,
 * null for a deletion, or 0 when it must be fetched from the document item.
 */
const BY_REFERENCE = 0

/** One row of `entries`; `body` is JSON text, null for a deletion. */
export function encodeEntry(entry: Omit<LogEntry, 'value'>, body: string | null, bodyBytes: number): string {
  const head = JSON.stringify([entry.collection, entry.id, entry.rev, entry.hlc]).slice(0, -1)
  return `${head},${bodyBytes > EMBED_BYTES ? BY_REFERENCE : body}]`
}

export function parseLogItem(item: Item): LogItem {
  const number = numberOfLogKey(item.sk?.S ?? '')
  const epoch = item.epoch?.S
  const rows = parseRows(item.entries?.S, number)
  if (!Number.isSafeInteger(number) || epoch === undefined) throw damaged(number)
  return { number, epoch, entries: rows.map((row) => parseRow(row, number)) }
}

function parseRows(text: string | undefined, number: number): readonly unknown[] {
  try {
    const rows: unknown = JSON.parse(text ?? '')
    if (Array.isArray(rows)) return rows
  } catch {
    // Not JSON: damaged, as below.
  }
  throw damaged(number)
}

function parseRow(row: unknown, number: number): LogEntry {
  if (!Array.isArray(row)) throw damaged(number)
  const [collection, id, rev, hlc, body] = row as unknown[]
  if (
    typeof collection !== 'string' ||
    typeof id !== 'string' ||
    typeof rev !== 'string' ||
    typeof hlc !== 'string' ||
    !(body === null || body === BY_REFERENCE || isPlainObject(body))
  ) {
    throw damaged(number)
  }
  return { collection, id, rev, hlc, value: body === BY_REFERENCE ? undefined : (body as Document | null) }
}

function damaged(number: number) {
  return protocolError('A log item of the space is damaged.', { number })
}
