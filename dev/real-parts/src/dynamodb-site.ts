import { DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb'
import { dynamoDb, installDynamoDb } from '@holdfast/adapter-dynamodb'
import type { Document } from '@holdfast/core'
import { startDynamoDb } from '@holdfast/dev-backends'
import type { Note, PastVersion, Site } from './site.ts'
import { CLIENT_HEADER } from './weather.ts'

const TABLE = 'real-parts'
/** Larger than an item can be. */
const TOO_LARGE = 'x'.repeat(420_000)

function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'local',
    maxAttempts: 2,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
}

/** The DynamoDB engine with one table, one space for each seed. */
export async function startDynamoDbSites() {
  const server = await startDynamoDb()
  const direct = clientOf(server.endpoint)
  await installDynamoDb(direct, { tableName: TABLE })

  async function itemsOf(space: string, prefix: string) {
    const items = []
    const pages = paginateQuery(
      { client: direct },
      {
        TableName: TABLE,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk and begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': { S: space }, ':sk': { S: prefix } },
      },
    )
    for await (const { Items = [] } of pages) items.push(...Items)
    return items
  }

  /** As a space that someone wrote to and whose log item expired: bootstraps scan. */
  async function age(space: string) {
    const head = { n: { N: '1' }, epoch: { S: space }, layout: { N: '1' } }
    await direct.send(
      new PutItemCommand({ TableName: TABLE, Item: { pk: { S: space }, sk: { S: '!head' }, ...head } }),
    )
  }

  /** Spaces of odd seeds are young, and replay their log. */
  async function siteOf(seed: number): Promise<Site> {
    const space = `seed ${seed}`
    if (seed % 2 === 0) await age(space)
    const standing = async (collection: string) => {
      const items = await itemsOf(space, `D#${collection}#`)
      return items
        .filter(({ deleted }) => !deleted?.BOOL)
        .map(({ body }) => JSON.parse(body?.S ?? '') as Note)
    }
    return {
      prefix: `${seed}-`,
      target: server.endpoint,
      poison: { fields: { text: TOO_LARGE }, reason: 'too_large' },
      remote(client, url) {
        const api = clientOf(url)
        api.middlewareStack.add(
          (next) => (args) => {
            ;(args.request as { headers: Record<string, string> }).headers[CLIENT_HEADER] = String(client)
            return next(args)
          },
          { step: 'build' },
        )
        return {
          remote: dynamoDb({ client: api, tableName: TABLE, space }),
          close: () => api.destroy(),
        }
      },
      async history() {
        const items = await itemsOf(space, 'L#')
        return items.flatMap(({ entries }) =>
          (JSON.parse(entries?.S ?? '') as [string, string, string, string, Document | null][]).map(
            ([collection, id, rev, hlc, value]): PastVersion => ({ collection, id, rev, hlc, value }),
          ),
        )
      },
      documents: async () => ({ notes: await standing('notes'), tasks: await standing('tasks') }),
    }
  }
  return {
    siteOf,
    async stop() {
      direct.destroy()
      await server.stop()
    },
  }
}
