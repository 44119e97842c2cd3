import { execFileSync } from 'node:child_process'
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { findDynamoDb } from '@holdfast/dev-backends'
import { type RemoteHarness, remoteStoreCases, remoteStoreCasesLeftOut, runSuite } from '@holdfast/testkit'
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
  const remoteOf = (client: DynamoDBClient, space: string) =>
    dynamoDb({ client, tableName: TABLE, space, logReads: 'consistent' })
  return {
    // Declared before any table is there to be asked; a space takes of a document as much as its name is long.
    capabilities: remoteOf(clientOf('http://127.0.0.1:1'), '-'.repeat(36)).capabilities,
    open: async ({ space }) => remoteOf(connect(), space),
    endEpoch: (space) => endEpoch(connect(), space),
  }
}

/** States, in a test, what the report says of a suite besides its outcome. */
function stateFacts(title: string, connect: () => DynamoDBClient): void {
  test('facts for the report', async ({ task }) => {
    const engine = findDynamoDb()
    const version = engine === undefined ? 'DYNAMODB_ENDPOINT' : execFileSync(engine, ['--version'])
    const harness = harnessOf(connect)
    const { capabilities } = harness
    const on = String(version).trim()
    const leftOut = remoteStoreCasesLeftOut(harness)
    Object.assign(task.meta, { conformance: { title, on, leftOut, capabilities } })
  })
}

describe('directly', () => {
  let table: Awaited<ReturnType<typeof startTable>>
  beforeAll(async () => {
    table = await startTable()
    await installDynamoDb(table.client, { tableName: TABLE })
  })
  afterAll(() => table?.stop())
  runSuite(remoteStoreCases(harnessOf(() => table.client)), { runner: { test } })
  stateFacts('`dynamoDb`', () => table.client)
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
  stateFacts('`dynamoDb`, behind the model of what AWS permits', () => client)
})
