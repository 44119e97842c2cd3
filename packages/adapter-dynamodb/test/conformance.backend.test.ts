import { execFileSync } from 'node:child_process'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { findDynamoDb } from '@holdfast/dev-backends'
import { remoteStoreCases, remoteStoreCasesLeftOut, runSuite } from '@holdfast/testkit'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { installDynamoDb } from '../src/index.ts'
import { startTable } from './backend.ts'
import { behindTheModel, harnessOf, TABLE } from './harness.ts'
import { TORN } from './shim/levers.ts'

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
  const client = behindTheModel({ seed: 1, levers: TORN })
  runSuite(remoteStoreCases(harnessOf(client)), { runner: { test } })
  stateFacts('`dynamoDb`, behind the model of what AWS permits', client)
})
