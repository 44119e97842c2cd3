import { TransactGetItemsCommand } from '@aws-sdk/client-dynamodb'
import { isConflict, isThrottle, transact } from '../call.ts'
import { protocolError, throttled } from '../failures.ts'
import { parseHead } from '../head.ts'
import { HEAD_KEY, logKey } from '../keys.ts'
import { type LogItem, parseLogItem } from '../log-item.ts'
import { query } from '../query.ts'
import type { Space } from '../space.ts'

/** Items of one transactional read: head and log items, which stay below its 4 MB. */
const MOST_MISSING = 24

export interface LogPage {
  readonly items: readonly LogItem[]
  readonly more: boolean
}

/** Log items that can be seen from `from` on, by number; `more` if there were more than asked for. */
export async function readLog(
  space: Space,
  from: number,
  { limit, consistent, signal }: { limit: number; consistent: boolean; signal: AbortSignal },
): Promise<LogPage> {
  const { Items = [], LastEvaluatedKey } = await query(
    space,
    {
      TableName: space.tableName,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':pk': { S: space.space },
        ':from': { S: logKey(from) },
        ':to': { S: logKey(Number.MAX_SAFE_INTEGER) },
      },
      ConsistentRead: consistent,
      Limit: limit,
    },
    signal,
  )
  return { items: Items.map(parseLogItem), more: LastEvaluatedKey !== undefined }
}

/**
 * What became of log items that a query did not show. A transactional read is serializable with
 * the transactions that write them, as a query is not: what is missing here and is not above the
 * head will never come. `pending`: a transaction is at work on one of them.
 */
export async function findMissing(
  space: Space,
  { from, to }: { from: number; to: number },
  signal: AbortSignal,
): Promise<{ pending: true } | { pending: false; head: number; items: LogItem[]; searchedTo: number }> {
  const searchedTo = Math.min(to, from + MOST_MISSING - 1)
  const keys = [HEAD_KEY]
  for (let number = from; number <= searchedTo; number++) keys.push(logKey(number))
  const command = new TransactGetItemsCommand({
    TransactItems: keys.map((sk) => ({
      Get: { TableName: space.tableName, Key: { pk: { S: space.space }, sk: { S: sk } } },
    })),
  })
  const result = await transact(signal, (options) => space.client.send(command, options))
  if ('reasons' in result) {
    if (result.reasons.some(isThrottle)) throw throttled(result.cause)
    if (result.reasons.some(isConflict)) return { pending: true }
    throw protocolError('DynamoDB cancelled a transactional read for a reason that is not known here.')
  }
  const [head, ...found] = result.answer.Responses ?? []
  return {
    pending: false,
    head: head?.Item === undefined ? 0 : parseHead(head.Item).number,
    items: found.flatMap(({ Item }) => (Item === undefined ? [] : [parseLogItem(Item)])),
    searchedTo,
  }
}
