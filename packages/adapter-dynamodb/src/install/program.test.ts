import { expect, test } from 'vitest'
import { dynamoDbPolicy } from './policy.ts'
import { program } from './program.ts'
import { dynamoDbTable } from './table.ts'

async function run(...args: string[]): Promise<string> {
  let printed = ''
  const connect = () => {
    throw new Error('Printing must not connect.')
  }
  await program({ print: (text) => (printed += text), connect }).parseAsync(args, { from: 'user' })
  return printed
}

test('prints the table, with its TTL, without a connection', async () => {
  expect(JSON.parse(await run('table', 'crm'))).toMatchObject({
    CreateTable: dynamoDbTable({ tableName: 'crm' }),
    UpdateTimeToLive: {
      TableName: 'crm',
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    },
  })
})

test('the template keeps the table when the stack goes, and has no index', async () => {
  const template = JSON.parse(await run('table', 'crm', '--format', 'cloudformation'))
  const table = template.Resources.HoldfastTable
  expect(table.DeletionPolicy).toBe('Retain')
  expect(table.Properties.TableName).toBe('crm')
  expect(Object.keys(table.Properties).filter((name) => name.includes('Index'))).toEqual([])
})

test('the policy opens one partition only, and writes only inside a transaction', async () => {
  const policy = JSON.parse(
    await run('policy', 'arn:aws:dynamodb:eu-central-1:1:table/crm', '--space', 'team-7'),
  )
  const actions: string[] = policy.Statement.flatMap(({ Action }: { Action: string[] }) => Action)
  expect(actions.sort()).toEqual([
    'dynamodb:BatchGetItem',
    'dynamodb:DescribeTable',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
  ])
  for (const { Action, Condition } of policy.Statement) {
    if (Action.includes('dynamodb:DescribeTable')) continue
    expect(Condition['ForAllValues:StringEquals']).toEqual({ 'dynamodb:LeadingKeys': ['team-7'] })
    expect(Condition.Null).toEqual({ 'dynamodb:LeadingKeys': 'false' })
    expect(Condition['ForAnyValue:StringEquals'] !== undefined).toBe(Action.includes('dynamodb:PutItem'))
  }
})

test('the space of a policy is the Cognito identity unless it is named', () => {
  expect(JSON.stringify(dynamoDbPolicy({ tableArn: 'arn' }))).toContain(
    '$' + '{cognito-identity.amazonaws.com:sub}',
  )
})
