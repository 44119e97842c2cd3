import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { type RemoteHarness, remoteStoreCases, runSuite } from '@holdfast/testkit'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { dynamoDb, installDynamoDb } from '../src/index.ts'
import { HEAD_KEY } from '../src/keys.ts'
import { clientOf, startTable } from './backend.ts'
import { TORN } from './shim/levers.ts'
import { startShim } from './shim/shim.ts'

const TABLE = 'conformance'

/** What an operator does who puts a backup back in place: a new epoch on the head. */
async function endEpoch(client: DynamoDBClient, space: string): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { pk: { S: space }, sk: { S: HEAD_KEY } },
      UpdateExpression: 'SET epoch = :epoch',
      ExpressionAttributeValues: { ':epoch': { S: `epoch ${Math.random()}` } },
    }),
  )
}

function harnessOf(connect: () => DynamoDBClient): RemoteHarness {
  return {
    open: async ({ space }) =>
      dynamoDb({ client: connect(), tableName: TABLE, space, logReads: 'consistent' }),
    endEpoch: (space) => endEpoch(connect(), space),
  }
}

describe('directly', () => {
  let table: Awaited<ReturnType<typeof startTable>>
  beforeAll(async () => {
    table = await startTable()
    await installDynamoDb(table.client, { tableName: TABLE })
  })
  afterAll(() => table?.stop())
  runSuite(remoteStoreCases(harnessOf(() => table.client)), { runner: { test } })
})

describe('behind the model of what AWS permits', () => {
  let table: Awaited<ReturnType<typeof startTable>>
  let shim: Awaited<ReturnType<typeof startShim>>
  let client: DynamoDBClient
  beforeAll(async () => {
    table = await startTable()
    shim = await startShim(table.endpoint, { seed: 1, levers: TORN })
    client = clientOf(shim.endpoint)
    await installDynamoDb(client, { tableName: TABLE })
  })
  afterAll(async () => {
    client?.destroy()
    await shim?.stop()
    await table?.stop()
  })
  runSuite(remoteStoreCases(harnessOf(() => client)), { runner: { test } })
})
