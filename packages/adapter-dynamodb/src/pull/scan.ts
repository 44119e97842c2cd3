import type { RemoteChange } from '@holdfast/core'
import { parseDocument } from '../document-item.ts'
import { documentPrefix } from '../keys.ts'
import { query } from '../query.ts'
import type { Space } from '../space.ts'
import type { Bootstraps } from './bootstraps.ts'
import type { Position, Scanning } from './position.ts'

/**
 * The next documents of a collection, tombstones too, in the order of their ids. A query may see
 * a transaction half done; what it misses stands in the log within `overlap` before `start`.
 */
export async function scan(
  space: Space,
  { collection, position, limit, bootstraps }: ScanOptions,
  signal: AbortSignal,
): Promise<{ changes: RemoteChange[]; position: Position }> {
  const prefix = documentPrefix(collection)
  const { Items = [], LastEvaluatedKey } = await query(
    space,
    {
      TableName: space.tableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': { S: space.space }, ':prefix': { S: prefix } },
      ConsistentRead: true,
      Limit: limit,
      ...(position.after === ''
        ? {}
        : { ExclusiveStartKey: { pk: { S: space.space }, sk: { S: position.after } } }),
    },
    signal,
  )
  const from = Math.max(0, position.start - space.rules.overlap)
  const changes = Items.map((item) => {
    const { rev, hlc, value, number } = parseDocument(item)
    const key = item.sk?.S ?? ''
    if (number > from) bootstraps.delivered(position.bootstrap, key, number)
    return { collection, id: key.slice(prefix.length), rev, hlc, value }
  })
  const after = LastEvaluatedKey?.sk?.S
  if (after !== undefined) return { changes, position: { ...position, after } }
  const { start: scannedTo, bootstrap } = position
  return {
    changes,
    position: { kind: 'following', number: from, scannedTo, replayTo: 0, bootstrap, mark: '' },
  }
}

export interface ScanOptions {
  readonly collection: string
  readonly position: Scanning
  /** Most documents. */
  readonly limit: number
  readonly bootstraps: Bootstraps
}
