import type { CurrentVersion, Document, Hlc, Rev } from '@holdfast/core'
import { protocolError } from './failures.ts'
import type { Item } from './item-size.ts'

/** How many mutation ids a document keeps: its revision, and those before it. */
export const RECENT = 8

/**
 * The attributes of the ids before the revision, the newest first. Not a list: a new document has
 * none of them, and an update can shift them without knowing which are there.
 */
export const EARLIER = Array.from({ length: RECENT - 1 }, (_, i) => `r${i + 1}`)

/** A version as it stands in the table, with the number of the transaction that wrote it. */
export interface StoredVersion extends CurrentVersion {
  readonly number: number
}

/**
 * The attribute `v`: revision, timestamp and number in one text, since an item is as dear as its attributes
 * are many. The length tells where the revision ends, so that no other one can begin in the same way.
 */
export function formatVersion(rev: Rev, hlc: Hlc, number: number): string {
  return `${versionsOf(rev)}${hlc} ${number}`
}

/**
 * What `v` begins with for this revision. With a timestamp behind, which has always the same length, it
 * is greater than `v` if, and only if, its timestamp is.
 */
export function versionsOf(rev: Rev): string {
  return `${rev.length} ${rev} `
}

function parseVersion(text: string): Pick<StoredVersion, 'rev' | 'hlc' | 'number'> | null {
  const start = text.indexOf(' ') + 1
  const end = start + Number(text.slice(0, start))
  const [hlc = '', number, ...more] = text.slice(end + 1).split(' ')
  const version = { rev: text.slice(start, end), hlc, number: Number(number) }
  const isWhole = start > 0 && hlc !== '' && Number.isSafeInteger(version.number) && more.length === 0
  return isWhole ? version : null
}

export function parseDocument(item: Item): StoredVersion {
  const version = parseVersion(item.v?.S ?? '')
  if (version === null) throw protocolError('A document item of the space is damaged.')
  // Oldest first, as everywhere else. Empty is what an update shifts where there is none.
  const earlier = EARLIER.flatMap((name) => item[name]?.S || []).reverse()
  const value = item.deleted?.BOOL === true ? null : parseBody(item.body?.S)
  return { ...version, recent: [...earlier, version.rev], value }
}

function parseBody(text: string | undefined): Document {
  try {
    return JSON.parse(text ?? '')
  } catch {
    throw protocolError('The body of a document item is not JSON.')
  }
}
