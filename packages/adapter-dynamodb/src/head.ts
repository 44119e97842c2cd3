import { GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { HoldfastError } from '@holdfast/core'
import { call, transact } from './call.ts'
import { protocolError, throttled } from './failures.ts'
import type { Item } from './item-size.ts'
import { HEAD_KEY } from './keys.ts'
import { pause } from './runtime.ts'
import type { Space } from './space.ts'

/** Version of the items' layout. A client that meets another one stops. */
export const LAYOUT = 1

/** Names of attributes of the head; the name of a collection follows. */
export const COUNT_PREFIX = 'count '
export const SUM_PREFIX = 'sum '

const ATTEMPTS = 8
const CREATE_MS = 50

export interface Head {
  /** Number of the last transaction. */
  readonly number: number
  readonly epoch: string
  /** How many documents each collection has, tombstones too. */
  readonly documents: ReadonlyMap<string, number>
  /** Set while the space is sealed: where it moved to, or empty. */
  readonly movedTo: string | null
}

/** The head as it is now; null if nothing was ever written or pulled here. */
export async function readHead(space: Space, signal: AbortSignal): Promise<Head | null> {
  const { Item } = await call(signal, (options) =>
    space.client.send(
      new GetItemCommand({
        TableName: space.tableName,
        Key: { pk: { S: space.space }, sk: { S: HEAD_KEY } },
        ConsistentRead: true,
      }),
      options,
    ),
  )
  return Item === undefined ? null : parseHead(Item)
}

/** The head as it is now, made with a new epoch if there is none. */
export async function openHead(space: Space, signal: AbortSignal): Promise<Head> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const head = await readHead(space, signal)
    if (head !== null) return head
    await pause(space.runtime, attempt === 0 ? 0 : space.runtime.randomUnit() * CREATE_MS, signal)
    await createHead(space, space.runtime.randomHex(24), signal)
  }
  throw throttled(undefined, CREATE_MS)
}

/**
 * Leaves a head that exists alone. A transaction of one item, since the policy allows no write
 * outside of transactions.
 */
async function createHead(space: Space, epoch: string, signal: AbortSignal): Promise<void> {
  const command = new TransactWriteItemsCommand({
    TransactItems: [
      {
        Put: {
          TableName: space.tableName,
          Item: {
            pk: { S: space.space },
            sk: { S: HEAD_KEY },
            n: { N: '0' },
            epoch: { S: epoch },
            layout: { N: String(LAYOUT) },
          },
          ConditionExpression: 'attribute_not_exists(sk)',
        },
      },
    ],
  })
  await transact(signal, (options) => space.client.send(command, options))
}

export function parseHead(item: Item): Head {
  const number = Number(item.n?.N)
  const epoch = item.epoch?.S
  if (!Number.isSafeInteger(number) || number < 0 || epoch === undefined) {
    throw protocolError('The head item of the space is damaged.')
  }
  const layout = Number(item.layout?.N)
  if (layout !== LAYOUT) {
    throw protocolError(
      `The space has layout ${layout}, this package knows ${LAYOUT}. Update @holdfast/adapter-dynamodb.`,
    )
  }
  const documents = new Map<string, number>()
  for (const [name, value] of Object.entries(item)) {
    if (name.startsWith(COUNT_PREFIX)) documents.set(name.slice(COUNT_PREFIX.length), Number(value.N))
  }
  return { number, epoch, documents, movedTo: item.sealed === undefined ? null : (item.movedTo?.S ?? '') }
}

export function movedError(movedTo: string): HoldfastError {
  return new HoldfastError(
    'moved',
    'The space is sealed: it moved to another remote. Unsent writes are kept; push them to the new remote.',
    { details: { movedTo } },
  )
}
