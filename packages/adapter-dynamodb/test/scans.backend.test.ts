import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { remoteStoreCases, runSuite } from '@holdfast/testkit'
import { afterAll, beforeAll, test } from 'vitest'
import { installDynamoDb } from '../src/index.ts'
import { clientOf, startTable } from './backend.ts'
import { harnessOf, TABLE } from './harness.ts'
import { TORN } from './shim/levers.ts'
import { startShim } from './shim/shim.ts'

/*
 * The suite once more, behind the model of what AWS permits, with bootstraps that scan the documents:
 * its spaces are so young that otherwise all of them replay the log. And of several reasons why a
 * transaction was cancelled never more than one is told.
 */
let table: Awaited<ReturnType<typeof startTable>>
let shim: Awaited<ReturnType<typeof startShim>>
let client: DynamoDBClient
beforeAll(async () => {
  table = await startTable()
  shim = await startShim(table.endpoint, { seed: 2, levers: { ...TORN, hideReasons: 1 } })
  client = clientOf(shim.endpoint)
  await installDynamoDb(client, { tableName: TABLE })
})
afterAll(async () => {
  client?.destroy()
  await shim?.stop()
  await table?.stop()
})
runSuite(remoteStoreCases(harnessOf(() => client, { replay: false })), { runner: { test } })
