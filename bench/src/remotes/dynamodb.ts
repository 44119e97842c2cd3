import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  paginateQuery,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { startDynamoDb } from '../../../dev/backends/src/dynamodb.ts'
import { dynamoDb } from '../../../packages/adapter-dynamodb/src/dynamodb.ts'
import { installDynamoDb } from '../../../packages/adapter-dynamodb/src/install/install.ts'
import { collection, createHoldfast } from '../../../packages/core/src/index.ts'
import { memoryStore } from '../../../packages/core/src/memory.ts'
import { type Contact, digestOf } from '../contacts.ts'
import { pullAlone, pushAlone } from './alone.ts'
import type { RemoteLane } from './lane.ts'

const TABLE = 'holdfast-bench'
const BARE = 'bare-bench'
const SPACE = 'team'
/** The most that BatchWriteItem takes. */
const BATCH = 25
/** Documents in a transaction of Holdfast, which has room for the head and the log besides. */
const TRANSACTION = 98
const OTHER_SPACE = 'other'
const DOCUMENTS = 'D#contacts#'

type Item = Record<string, AttributeValue>

export async function dynamoDbLane(): Promise<RemoteLane> {
  const server = await startDynamoDb()
  let requests = 0
  const client = new DynamoDBClient({
    endpoint: server.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  })
  client.middlewareStack.add(
    (next) => (args) => {
      requests++
      return next(args)
    },
    { step: 'finalizeRequest', name: 'countRequests', priority: 'low' },
  )
  await installDynamoDb(client, { tableName: TABLE })
  await client.send(
    new CreateTableCommand({
      TableName: BARE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: ['pk', 'sk'].map((name) => ({
        AttributeName: name,
        AttributeType: 'S' as const,
      })),
    }),
  )
  const remote = () => dynamoDb({ client, tableName: TABLE, space: SPACE })
  const barePush = async (contacts: readonly Contact[]) => {
    for (let from = 0; from < contacts.length; from += BATCH) {
      const puts = contacts
        .slice(from, from + BATCH)
        .map((contact) => ({ PutRequest: { Item: itemOf(contact) } }))
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [BARE]: puts } }),
      )
      if (Object.keys(UnprocessedItems ?? {}).length > 0) throw new Error('Items were left unprocessed.')
    }
  }
  const readAll = async (table: string, prefix = ''): Promise<Contact[]> => {
    const contacts: Contact[] = []
    const query = {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk and begins_with(sk, :prefix)',
      ExpressionAttributeValues: {
        ':pk': { S: SPACE },
        ...(prefix === '' ? {} : { ':prefix': { S: prefix } }),
      },
    }
    for await (const { Items = [] } of paginateQuery({ client }, query)) {
      for (const { body } of Items) contacts.push(JSON.parse(body?.S ?? '') as Contact)
    }
    return contacts
  }
  return {
    name: 'DynamoDB (compatible engine)',
    bareBatches: `consistent queries of 1 MB, BatchWriteItem of ${BATCH} items without conditions, one request at a time`,
    async seed(contacts) {
      await pushWithHoldfast(remote(), contacts)
      await barePush(contacts)
    },
    remote,
    takeRequests() {
      const seen = requests
      requests = 0
      return seen
    },
    barePull: () => readAll(BARE),
    barePush,
    reads: [
      { name: 'the remote alone, without the engine', run: () => pullAlone(remote()) },
      {
        name: 'bare client, from the synced table (items with revision, timestamp and number)',
        run: () => readAll(TABLE, DOCUMENTS),
      },
    ],
    writes: [
      {
        name: 'the remote alone, without the engine',
        isSynced: true,
        run: (contacts) => pushAlone(remote(), contacts),
      },
      {
        name: `bare client, TransactWriteItems of ${TRANSACTION} puts without conditions`,
        isSynced: false,
        async run(contacts) {
          for (let from = 0; from < contacts.length; from += TRANSACTION) {
            const TransactItems = contacts
              .slice(from, from + TRANSACTION)
              .map((contact) => ({ Put: { TableName: BARE, Item: itemOf(contact, OTHER_SPACE) } }))
            await client.send(new TransactWriteItemsCommand({ TransactItems }))
          }
        },
      },
    ],
    stored: async () => digestOf(await readAll(TABLE, DOCUMENTS)),
    bareStored: async () => digestOf(await readAll(BARE)),
    async stop() {
      client.destroy()
      await server.stop()
    },
  }
}

function itemOf(contact: Contact, space = SPACE): Item {
  return { pk: { S: space }, sk: { S: contact.id }, body: { S: JSON.stringify(contact) } }
}

async function pushWithHoldfast(
  remote: ReturnType<typeof dynamoDb>,
  contacts: readonly Contact[],
): Promise<void> {
  const db = await createHoldfast({
    name: 'seed',
    local: memoryStore(),
    remote,
    collections: { contacts: collection<Contact>() },
  })
  await db.contacts.insertMany(contacts)
  await db.sync.now()
  await db.close()
}
