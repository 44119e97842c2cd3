import { CreateTableCommand, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import type { PushMutation, RemoteStore } from '@holdfast/core'
import { startDynamoDb } from '@holdfast/dev-backends'
import { parseDocument } from '../src/document-item.ts'
import { dynamoDbTable } from '../src/index.ts'
import type { Item } from '../src/item-size.ts'
import { documentPrefix, HEAD_KEY, LOG_PREFIX } from '../src/keys.ts'
import { parseLogItem } from '../src/log-item.ts'
import { versionHash } from '../src/version-hash.ts'
import { clientOf, type Follower, mutation, signal } from './backend.ts'
import { type Levers, seededRandom } from './shim/levers.ts'
import { startShim } from './shim/shim.ts'

const TABLE = 'crowd'
export const SPACE = 'crowded'
/** A local index on the number that wrote a document, for the reader that must fail. */
export const NUMBER_INDEX = 'byNumber'

/** An engine behind the shim, with a table that also has the index that the product does without. */
export async function startCrowd(seed: number, levers: Levers) {
  const server = await startDynamoDb()
  const shim = await startShim(server.endpoint, { seed, levers })
  const direct = clientOf(server.endpoint)
  const clients: DynamoDBClient[] = [direct]
  const connect = () => {
    const client = clientOf(shim.endpoint)
    clients.push(client)
    return client
  }
  const table = dynamoDbTable({ tableName: TABLE })
  await connect().send(
    new CreateTableCommand({
      ...table,
      AttributeDefinitions: [
        ...(table.AttributeDefinitions ?? []),
        { AttributeName: 'n', AttributeType: 'N' },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: NUMBER_INDEX,
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'n', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  )
  return {
    shim,
    tableName: TABLE,
    connect,
    /** What stands in the table, read past the shim. */
    truth: () => readTruth(direct),
    async stop() {
      await shim.stop()
      for (const client of clients) client.destroy()
      await server.stop()
    },
  }
}

export interface Truth {
  /** Revision by document. */
  readonly documents: Record<string, string>
  /** Every revision that the log tells of. */
  readonly logged: ReadonlySet<string>
  /** What the head says of the collection, and what the documents say. */
  readonly sums: { readonly head: Sum; readonly documents: Sum }
}

interface Sum {
  readonly count: string
  readonly sum: string
}

async function readTruth(client: DynamoDBClient): Promise<Truth> {
  const items = await readItems(client)
  const documents: Record<string, string> = {}
  const logged = new Set<string>()
  let head: Sum = { count: '0', sum: '0' }
  let sum = 0n
  for (const item of items) {
    const key = item.sk?.S ?? ''
    if (key === HEAD_KEY) head = { count: item['count notes']?.N ?? '', sum: item['sum notes']?.N ?? '' }
    else if (key.startsWith(LOG_PREFIX)) for (const { rev } of parseLogItem(item).entries) logged.add(rev)
    else {
      const id = key.slice(documentPrefix('notes').length)
      const { rev } = parseDocument(item)
      documents[`notes/${id}`] = rev
      sum += versionHash(id, rev)
    }
  }
  const count = String(Object.keys(documents).length)
  return { documents, logged, sums: { head, documents: { count, sum: String(sum) } } }
}

async function readItems(client: DynamoDBClient): Promise<Item[]> {
  const items: Item[] = []
  const pages = paginateQuery(
    { client },
    {
      TableName: TABLE,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: SPACE } },
      ConsistentRead: true,
    },
  )
  for await (const { Items = [] } of pages) items.push(...Items)
  return items
}

/** Documents whose version differs between the two. */
export function differences(seen: Record<string, string>, truth: Record<string, string>): string[] {
  return Object.keys({ ...seen, ...truth }).filter((key) => seen[key] !== truth[key])
}

export interface Writing {
  readonly pushers: number
  readonly pushes: number
  readonly documents: number
  readonly keys: number
  readonly seed: number
}

/** The mutations of each pusher that took effect. Failures of the network are retried, as the engine does. */
export async function writeAll(open: () => RemoteStore, writing: Writing): Promise<string[][]> {
  const pushers = Array.from({ length: writing.pushers }, (_, i) => pushSome(open(), i, writing))
  return Promise.all(pushers)
}

async function pushSome(remote: RemoteStore, pusher: number, writing: Writing): Promise<string[]> {
  const random = seededRandom(writing.seed * 1_000 + pusher)
  const bases = new Map<string, { rev: string; hlc: string } | null>()
  const applied: string[] = []
  for (let i = 0; i < writing.pushes; i++) {
    const ids = new Set<string>()
    while (ids.size < writing.documents) ids.add(`k${Math.floor(random() * writing.keys)}`)
    let open: PushMutation[] = [...ids].map((id) =>
      // Some are larger than what the log embeds.
      mutation(id, {
        base: bases.get(id)?.rev ?? null,
        value: { id, text: 'x'.repeat(random() < 0.3 ? 1_500 : 20) },
      }),
    )
    while (open.length > 0) {
      const again: PushMutation[] = []
      for (const [n, outcome] of (await pushUntilAnswered(remote, open)).entries()) {
        const sent = open[n]
        if (sent === undefined) continue
        if (outcome.kind === 'applied') {
          applied.push(sent.id)
          bases.set(sent.documentId, outcome)
        } else if (outcome.kind === 'retry') again.push(sent)
        else if (outcome.kind === 'rejected') throw new Error(`rejected: ${outcome.reason}`)
        else bases.set(sent.documentId, outcome.current)
        if (outcome.kind === 'duplicate') applied.push(sent.id)
      }
      open = again
    }
  }
  return applied
}

async function pushUntilAnswered(remote: RemoteStore, mutations: PushMutation[]) {
  for (;;) {
    try {
      return (await remote.push({ mutations, replica: 'x', signal })).outcomes
    } catch (error) {
      passIfTransient(error)
    }
  }
}

function passIfTransient(error: unknown): void {
  const { code } = error as { code?: string }
  if (code !== 'network' && code !== 'throttled') throw error
}

/** Pulls until there is no more, whatever faults come. */
export async function catchUpThrough(follower: Pick<Follower, 'catchUp'>): Promise<void> {
  for (;;) {
    try {
      return await follower.catchUp({ limit: 40 })
    } catch (error) {
      passIfTransient(error)
    }
  }
}
