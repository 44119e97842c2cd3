import type { CurrentVersion, Document } from '@holdfast/core'
import { protocolError } from './failures.ts'
import type { Item } from './item-size.ts'

/** How many mutation ids a document keeps. */
export const RECENT = 8

/** A version as it stands in the table, with the number of the transaction that wrote it. */
export interface StoredVersion extends CurrentVersion {
  readonly number: number
}

export function parseDocument(item: Item): StoredVersion {
  const { rev, hlc, recent, n, deleted, body } = item
  const number = Number(n?.N)
  if (rev?.S === undefined || hlc?.S === undefined || !Number.isSafeInteger(number)) {
    throw protocolError('A document item of the space is damaged.')
  }
  // Newest first in the item, which is what an update can shift; oldest first everywhere else.
  const ids = (recent?.L ?? [])
    .map((id) => id.S ?? '')
    .filter((id) => id !== '')
    .reverse()
  const value = deleted?.BOOL === true ? null : parseBody(body?.S)
  return { rev: rev.S, hlc: hlc.S, recent: ids, number, value }
}

function parseBody(text: string | undefined): Document {
  try {
    return JSON.parse(text ?? '')
  } catch {
    throw protocolError('The body of a document item is not JSON.')
  }
}
