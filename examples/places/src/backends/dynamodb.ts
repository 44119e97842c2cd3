import { type AttributeValue, paginateScan, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { installDynamoDb } from '@holdfast/adapter-dynamodb'
import { startDynamoDb } from '@holdfast/dev-backends'
import type { Place } from '../places.ts'
import { dynamoDbClient } from '../remotes.ts'
import type { Backend } from './backend.ts'

type Item = Record<string, AttributeValue>

const TABLE = 'holdfast-places'
const SPACE = 'team'
const DOCUMENTS = 'D#places#'
const LOG = 'L#'

export async function startDynamoDbBackend(): Promise<Backend> {
  const server = await startDynamoDb()
  const client = dynamoDbClient(server.endpoint)
  await installDynamoDb(client, { tableName: TABLE })

  const scan = async (prefix: string): Promise<Item[]> => {
    const items: Item[] = []
    for await (const page of paginateScan({ client }, { TableName: TABLE, ConsistentRead: true })) {
      items.push(...(page.Items ?? []))
    }
    return items.filter(({ sk }) => sk?.S?.startsWith(prefix))
  }
  const read = async (): Promise<Place[]> => {
    const items = await scan(DOCUMENTS)
    return items.filter(({ deleted }) => deleted?.BOOL !== true).map(({ body }) => JSON.parse(body?.S ?? ''))
  }
  return {
    name: 'dynamodb',
    title: 'DynamoDB (compatible engine)',
    end: {
      url: server.endpoint,
      isPush: ({ headers }) => String(headers['x-amz-target']).endsWith('TransactWriteItems'),
    },
    access: (url) => ({ kind: 'dynamodb', url, tableName: TABLE, space: SPACE }),
    read,
    doubledWrites: async () => {
      const revisions = (await scan(LOG)).flatMap(revisionsOf)
      return [
        ...repeated(revisions).map((rev) => `revision ${rev} stands in the log more than once`),
        ...repeated((await read()).map(({ geoname }) => geoname)).map((geoname) => `place ${geoname} twice`),
      ]
    },
    tamper: async (id) => {
      const place = (await read()).find((each) => each.id === id) as Place
      await client.send(
        new UpdateItemCommand({
          TableName: TABLE,
          Key: { pk: { S: SPACE }, sk: { S: DOCUMENTS + id } },
          UpdateExpression: 'SET body = :body',
          ExpressionAttributeValues: { ':body': { S: JSON.stringify({ ...place, note: 'tampered with' }) } },
        }),
      )
    },
    stop: async () => {
      client.destroy()
      await server.stop()
    },
  }
}

/** Log items hold `[[collection, id, rev, …], …]` as JSON text. */
function revisionsOf({ entries }: Item): string[] {
  return (JSON.parse(entries?.S ?? '[]') as string[][]).map(([, , rev]) => rev ?? '')
}

function repeated<T>(values: readonly T[]): T[] {
  const seen = new Set<T>()
  return values.filter((value) => seen.size === seen.add(value).size)
}
