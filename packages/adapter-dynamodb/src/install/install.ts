import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { classify } from '../failures.ts'
import { dynamoDbTable, TTL_ATTRIBUTE } from './table.ts'

const WAIT_SECONDS = 120

/**
 * Creates the table and turns its TTL on; what is there already is left as it is. Resolves when the
 * table takes requests. Needs rights that clients should not have.
 */
export async function installDynamoDb(
  client: DynamoDBClient,
  { tableName }: { tableName: string },
): Promise<void> {
  try {
    await createTable(client, tableName)
    await waitUntilTableExists({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1 }, { TableName: tableName })
    await turnOnTtl(client, tableName)
  } catch (error) {
    throw classify(error)
  }
}

async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
  try {
    await client.send(new CreateTableCommand(dynamoDbTable({ tableName })))
  } catch (error) {
    if ((error as { name?: string }).name !== 'ResourceInUseException') throw error
  }
}

async function turnOnTtl(client: DynamoDBClient, tableName: string): Promise<void> {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: tableName }))
  const status = TimeToLiveDescription?.TimeToLiveStatus
  if (status === 'ENABLED' || status === 'ENABLING') return
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: tableName,
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
    }),
  )
}
