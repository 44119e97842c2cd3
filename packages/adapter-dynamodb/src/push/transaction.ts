import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { EARLIER, formatVersion, versionsOf } from '../document-item.ts'
import { COUNT_PREFIX, LAYOUT, SUM_PREFIX } from '../head.ts'
import type { HeadGuess } from '../head-number.ts'
import { HEAD_KEY, logKey } from '../keys.ts'
import type { Space } from '../space.ts'
import { versionHash } from '../version-hash.ts'
import { lastOf, type Slot } from './unit.ts'

/** Places in the transaction, and so in its cancellation reasons. */
export const HEAD_PLACE = 0
export const LOG_PLACE = 1
export const FIRST_DOCUMENT_PLACE = 2

/** The head moves on by one, the log gets an item under that number, and the documents are written. */
export function transactionOf(space: Space, head: HeadGuess, slots: readonly Slot[]): TransactWriteItem[] {
  const number = head.number + 1
  return [
    advanceHead(space, head, slots),
    putLog(space, head.epoch, number, slots),
    ...slots.map((slot) =>
      slot[0].mutation.base === null
        ? createDocument(space, number, slot)
        : updateDocument(space, number, slot),
    ),
  ]
}

function advanceHead(space: Space, head: HeadGuess, slots: readonly Slot[]): TransactWriteItem {
  const names: Record<string, string> = {
    '#n': 'n',
    '#epoch': 'epoch',
    '#layout': 'layout',
    '#sealed': 'sealed',
  }
  const values: Record<string, { N: string } | { S: string }> = {
    ':n': { N: String(head.number) },
    ':next': { N: String(head.number + 1) },
    ':epoch': { S: head.epoch },
    ':layout': { N: String(LAYOUT) },
  }
  const sums: string[] = []
  for (const [collection, delta] of deltasByCollection(slots)) {
    const i = sums.length
    names[`#c${i}`] = COUNT_PREFIX + collection
    names[`#s${i}`] = SUM_PREFIX + collection
    values[`:c${i}`] = { N: String(delta.count) }
    values[`:s${i}`] = { N: String(delta.sum) }
    sums.push(`#c${i} :c${i}, #s${i} :s${i}`)
  }
  return {
    Update: {
      TableName: space.tableName,
      Key: { pk: { S: space.space }, sk: { S: HEAD_KEY } },
      UpdateExpression: `SET #n = :next ADD ${sums.join(', ')}`,
      ConditionExpression:
        '#n = :n AND #epoch = :epoch AND #layout = :layout AND attribute_not_exists(#sealed)',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

/** Tombstones count as documents: a count and a sum then follow from what is pushed, without a read. */
function deltasByCollection(slots: readonly Slot[]): Map<string, { count: number; sum: bigint }> {
  const deltas = new Map<string, { count: number; sum: bigint }>()
  for (const slot of slots) {
    const { collection, documentId, base } = slot[0].mutation
    const delta = deltas.get(collection) ?? { count: 0, sum: 0n }
    delta.sum += versionHash(documentId, lastOf(slot).mutation.id)
    if (base === null) delta.count += 1
    else delta.sum -= versionHash(documentId, base)
    deltas.set(collection, delta)
  }
  return deltas
}

function putLog(space: Space, epoch: string, number: number, slots: readonly Slot[]): TransactWriteItem {
  const expires = Math.floor(space.runtime.now() / 1_000) + space.logRetentionSeconds
  return {
    Put: {
      TableName: space.tableName,
      Item: {
        pk: { S: space.space },
        sk: { S: logKey(number) },
        epoch: { S: epoch },
        entries: { S: `[${slots.map((slot) => lastOf(slot).entry).join(',')}]` },
        expires: { N: String(expires) },
      },
      ...(space.rules.logCondition ? { ConditionExpression: 'attribute_not_exists(sk)' } : {}),
    },
  }
}

function createDocument(space: Space, number: number, slot: Slot): TransactWriteItem {
  const { mutation, key, body } = lastOf(slot)
  return {
    Put: {
      TableName: space.tableName,
      Item: {
        pk: { S: space.space },
        sk: { S: key },
        v: { S: formatVersion(mutation.id, mutation.hlc, number) },
        ...Object.fromEntries(earlierIdsOf(slot).map((id, i) => [EARLIER[i], { S: id }])),
        ...(body === null ? { deleted: { BOOL: true } } : { body: { S: body } }),
      },
      ConditionExpression: 'attribute_not_exists(sk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

/**
 * An update and not a put, since only the item knows the ids before its revision: they are shifted in
 * place. Right-hand sides are taken from the item as it was before the update.
 */
function updateDocument(space: Space, number: number, slot: Slot): TransactWriteItem {
  const { mutation, key, body } = lastOf(slot)
  const base = slot[0].mutation.base ?? ''
  const sets = ['#v = :v', body === null ? '#deleted = :body' : '#body = :body']
  const values: Record<string, { S: string } | { BOOL: boolean }> = {
    ':v': { S: formatVersion(mutation.id, mutation.hlc, number) },
    ':base': { S: versionsOf(base) },
    ':first': { S: versionsOf(base) + slot[0].mutation.hlc },
    ':body': body === null ? { BOOL: true } : { S: body },
  }
  const ids = earlierIdsOf(slot)
  for (const [i, name] of EARLIER.entries()) {
    const id = ids[i]
    if (id !== undefined) {
      sets.push(`${name} = :${name}`)
      values[`:${name}`] = { S: id }
    } else if (i === ids.length) {
      sets.push(`${name} = :rev`)
      values[':rev'] = { S: base }
    } else {
      sets.push(`${name} = if_not_exists(${EARLIER[i - ids.length - 1]}, :none)`)
      values[':none'] = { S: '' }
    }
  }
  return {
    Update: {
      TableName: space.tableName,
      Key: { pk: { S: space.space }, sk: { S: key } },
      UpdateExpression: `SET ${sets.join(', ')} REMOVE ${body === null ? '#body' : '#deleted'}`,
      ConditionExpression: 'begins_with(#v, :base) AND #v < :first',
      ExpressionAttributeNames: {
        '#v': 'v',
        '#body': 'body',
        '#deleted': 'deleted',
      },
      ExpressionAttributeValues: values,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

/** What a group did to the document before its last mutation, newest first, at most as many as it keeps. */
function earlierIdsOf(slot: Slot): string[] {
  return slot
    .slice(0, -1)
    .map((each) => each.mutation.id)
    .reverse()
    .slice(0, EARLIER.length)
}
