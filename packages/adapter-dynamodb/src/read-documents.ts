import { BatchGetItemCommand, TransactGetItemsCommand } from '@aws-sdk/client-dynamodb'
import { call, isThrottle, transact } from './call.ts'
import { parseDocument, type StoredVersion } from './document-item.ts'
import { throttled } from './failures.ts'
import type { Item } from './item-size.ts'
import type { Space } from './space.ts'

/** Most keys in one BatchGetItem. */
const MOST_KEYS = 100
/** Answers in a row that bring nothing, until DynamoDB is taken as overloaded. */
const FRUITLESS = 3

/** The documents under these sort keys as they are now; a missing one is left out. */
export async function readDocuments(
  space: Space,
  sortKeys: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, StoredVersion>> {
  const found = new Map<string, StoredVersion>()
  let open: Item[] = sortKeys.map((sk) => ({ pk: { S: space.space }, sk: { S: sk } }))
  let fruitless = 0
  while (open.length > 0) {
    const asked = open.slice(0, MOST_KEYS)
    const { Responses, UnprocessedKeys } = await call(signal, (options) =>
      space.client.send(
        new BatchGetItemCommand({
          RequestItems: { [space.tableName]: { Keys: asked, ConsistentRead: true } },
        }),
        options,
      ),
    )
    for (const item of Responses?.[space.tableName] ?? []) found.set(item.sk?.S ?? '', parseDocument(item))
    const left = UnprocessedKeys?.[space.tableName]?.Keys ?? []
    fruitless = left.length < asked.length ? 0 : fruitless + 1
    if (fruitless === FRUITLESS) throw throttled(undefined)
    open = [...left, ...open.slice(MOST_KEYS)]
  }
  return found
}

/**
 * The document as the transactions that stand in the log left it (undefined: it is gone), or
 * `pending` while one of them is still at work on it.
 */
export async function readSettled(
  space: Space,
  sortKey: string,
  signal: AbortSignal,
): Promise<StoredVersion | undefined | 'pending'> {
  const command = new TransactGetItemsCommand({
    TransactItems: [
      { Get: { TableName: space.tableName, Key: { pk: { S: space.space }, sk: { S: sortKey } } } },
    ],
  })
  const result = await transact(signal, (options) => space.client.send(command, options))
  if ('reasons' in result) {
    if (result.reasons.some(isThrottle)) throw throttled(result.cause)
    return 'pending'
  }
  const item = result.answer.Responses?.[0]?.Item
  return item === undefined ? undefined : parseDocument(item)
}
