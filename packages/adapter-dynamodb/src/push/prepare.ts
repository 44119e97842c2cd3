import { formatHlc, isHlc, type PushMutation, type PushOutcome } from '@holdfast/core'
import { EARLIER, formatVersion } from '../document-item.ts'
import { type Item, itemSize, MAX_ITEM_BYTES, MAX_SORT_KEY_BYTES, utf8Length } from '../item-size.ts'
import { documentKey } from '../keys.ts'
import { encodeEntry } from '../log-item.ts'

/** Longest mutation id; up to eight of them stand in a document item. */
export const MAX_MUTATION_ID_BYTES = 64
/** Room for the ids before the revision, whatever they are. */
const EARLIER_BYTES = EARLIER.reduce((sum, name) => sum + name.length + MAX_MUTATION_ID_BYTES, 0)
/** Room for what stands in a version beside its revision and timestamp. */
const VERSION_BYTES =
  formatVersion('m'.repeat(MAX_MUTATION_ID_BYTES), '', Number.MAX_SAFE_INTEGER).length - MAX_MUTATION_ID_BYTES

/** A mutation with all that does not change when it is sent again. */
export interface Prepared {
  /** Its place in the push request. */
  readonly index: number
  readonly mutation: PushMutation
  readonly key: string
  /** JSON text; null: a deletion. */
  readonly body: string | null
  /** Its row in the log item. */
  readonly entry: string
  /** What it adds to a transaction: the document item and its row in the log. */
  readonly bytes: number
  readonly entryBytes: number
}

/** Says what DynamoDB would refuse, before anything is sent. */
export function preparerOf(space: string) {
  const most = largestBody(space)
  const keptBytes = {
    document: bytesBeside(space, { body: { S: '' } }),
    tombstone: bytesBeside(space, TOMBSTONE),
  }
  return (index: number, mutation: PushMutation): Prepared | PushOutcome => {
    const { id, hlc, collection, documentId, value } = mutation
    const idBytes = utf8Length(id)
    if (id === '' || idBytes > MAX_MUTATION_ID_BYTES || !id.isWellFormed()) {
      return rejected('invalid_mutation', `A mutation id has 1 to ${MAX_MUTATION_ID_BYTES} bytes.`)
    }
    if (!isHlc(hlc)) return rejected('invalid_mutation', 'The timestamp of the mutation is not an HLC.')
    const key = documentKey(collection, documentId)
    const keyBytes = utf8Length(key)
    if (collection === '' || documentId === '' || !key.isWellFormed() || keyBytes > MAX_SORT_KEY_BYTES) {
      return rejected(
        'invalid_id',
        `Collection and id are not empty, are well-formed text and take at most ${MAX_SORT_KEY_BYTES - 3} bytes together.`,
      )
    }
    if (value !== null && value.id !== documentId) {
      return rejected('invalid_id', 'The document has another id than its mutation.')
    }
    const body = value === null ? null : JSON.stringify(value)
    const bodyBytes = body === null ? 0 : utf8Length(body)
    if (bodyBytes > most) {
      return rejected('too_large', `The document takes ${bodyBytes} bytes as JSON; ${most} fit into an item.`)
    }
    const entry = encodeEntry({ collection, id: documentId, rev: id, hlc }, body, bodyBytes)
    const entryBytes = utf8Length(entry) + 1
    const kept = body === null ? keptBytes.tombstone : keptBytes.document
    const bytes = kept + keyBytes + idBytes + hlc.length + bodyBytes + entryBytes
    return { index, mutation, key, body, entry, entryBytes, bytes }
  }
}

/** Bytes of JSON that fit into an item of the space, whatever the id of the document. */
export function largestBody(space: string): number {
  return (
    MAX_ITEM_BYTES -
    bytesBeside(space, { body: { S: '' } }) -
    MAX_SORT_KEY_BYTES -
    MAX_MUTATION_ID_BYTES -
    HLC_LENGTH
  )
}

const HLC_LENGTH = formatHlc({ wall: 0, counter: 0, replica: '0'.repeat(16) }).length
const TOMBSTONE: Item = { deleted: { BOOL: true } }

/**
 * Bytes of a document item beside its sort key, revision, timestamp and body, once the mutation and seven
 * others have written it: the largest that they can be.
 */
function bytesBeside(space: string, body: Item): number {
  const item: Item = { pk: { S: space }, sk: { S: '' }, v: { S: '' }, ...body }
  return itemSize(item) + VERSION_BYTES + EARLIER_BYTES
}

export function rejected(reason: string, message: string): PushOutcome {
  return { kind: 'rejected', reason, message }
}

export function isPrepared(either: Prepared | PushOutcome): either is Prepared {
  return 'mutation' in either
}
