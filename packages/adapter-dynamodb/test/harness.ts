import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { RemoteHarness } from '@holdfast/testkit'
import { afterAll, beforeAll } from 'vitest'
import { openSpace } from '../src/dynamodb.ts'
import { installDynamoDb } from '../src/index.ts'
import { HEAD_KEY } from '../src/keys.ts'
import { PROTOCOL, type ProtocolRules } from '../src/space.ts'
import { clientOf, startTable } from './backend.ts'
import type { Levers } from './shim/levers.ts'
import { startShim } from './shim/shim.ts'

/** The table of the conformance suites. */
export const TABLE = 'conformance'

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

export function harnessOf(connect: () => DynamoDBClient, rules: Partial<ProtocolRules> = {}): RemoteHarness {
  const remoteOf = (client: DynamoDBClient, space: string) =>
    openSpace({ client, tableName: TABLE, space, logReads: 'consistent' }, { ...PROTOCOL, ...rules })
  return {
    // Declared before any table is there to be asked; a space takes of a document as much as its name is long.
    capabilities: remoteOf(clientOf('http://127.0.0.1:1'), '-'.repeat(36)).capabilities,
    open: async ({ space }) => remoteOf(connect(), space),
    endEpoch: (space) => endEpoch(connect(), space),
  }
}

/** A client of an installed table behind the model of what AWS permits, for all tests of the suite that calls it. */
export function behindTheModel(options: { seed: number; levers: Levers }): () => DynamoDBClient {
  let table: Awaited<ReturnType<typeof startTable>>
  let shim: Awaited<ReturnType<typeof startShim>>
  let client: DynamoDBClient
  beforeAll(async () => {
    table = await startTable()
    shim = await startShim(table.endpoint, options)
    client = clientOf(shim.endpoint)
    await installDynamoDb(client, { tableName: TABLE })
  })
  afterAll(async () => {
    client?.destroy()
    await shim?.stop()
    await table?.stop()
  })
  return () => client
}
