import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { Command, Option } from 'commander'
import { installDynamoDb } from './install.ts'
import { dynamoDbPolicy } from './policy.ts'
import { dynamoDbTable, dynamoDbTemplate, TTL_ATTRIBUTE } from './table.ts'

export interface ProgramOptions {
  readonly print: (text: string) => void
  readonly connect: (options: ConnectOptions) => DynamoDBClient
}

export interface ConnectOptions {
  readonly region?: string
  readonly endpoint?: string
}

/** The commands of `holdfast-dynamodb`. Printing needs no credentials and touches nothing. */
export function program({ print, connect }: ProgramOptions): Command {
  const json = (value: unknown) => print(JSON.stringify(value, null, 2))
  const main = new Command('holdfast-dynamodb').description(
    'The table and the policy of the DynamoDB remote.',
  )

  main
    .command('table')
    .description('print the table')
    .argument('<name>', 'name of the table')
    .addOption(new Option('--format <format>').choices(['json', 'cloudformation']).default('json'))
    .action((tableName: string, { format }: { format: string }) => {
      if (format === 'cloudformation') json(dynamoDbTemplate({ tableName }))
      else {
        const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true }
        json({
          CreateTable: dynamoDbTable({ tableName }),
          UpdateTimeToLive: { TableName: tableName, TimeToLiveSpecification },
        })
      }
    })

  main
    .command('policy')
    .description('print the least-privilege IAM policy of a client')
    .argument('<arn>', 'ARN of the table')
    .option('--space <name>', 'the space that the holder may use: a policy variable or a fixed name')
    .action((tableArn: string, { space }: { space?: string }) => {
      json(dynamoDbPolicy({ tableArn, ...(space === undefined ? {} : { space }) }))
    })

  main
    .command('create')
    .description('create the table and turn its TTL on; leaves alone what is there')
    .argument('<name>', 'name of the table')
    .option('--region <region>')
    .option('--endpoint <url>', 'another endpoint than that of AWS')
    .action(async (tableName: string, options: ConnectOptions) => {
      const client = connect(options)
      await installDynamoDb(client, { tableName }).finally(() => client.destroy())
      print(`The table ${tableName} is ready.`)
    })

  return main
}
