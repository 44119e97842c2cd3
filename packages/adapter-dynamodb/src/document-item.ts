import type { CurrentVersion, Document } from '@holdfast/core'
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

export function parseDocument(item: Item): StoredVersion {
  const { rev, hlc, n, deleted, body } = item
  const number = Number(n?.N)
  if (rev?.S === undefined || hlc?.S === undefined || !Number.isSafeInteger(number)) {
    throw protocolError('A document item of the space is damaged.')
  }
  // Oldest first, as everywhere else. Empty is what an update shifts where there is none.
  const recent = ['rev', ...EARLIER].flatMap((name) => item[name]?.S || []).reverse()
  const value = deleted?.BOOL === true ? null : parseBody(body?.S)
  return { rev: rev.S, hlc: hlc.S, recent, number, value }
}

function parseBody(text: string | undefined): Document {
  try {
    return JSON.parse(text ?? '')
  } catch {
    throw protocolError('The body of a document item is not JSON.')
  }
}
