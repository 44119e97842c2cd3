import { join } from 'node:path'
import { installDynamoDb } from '@holdfast/adapter-dynamodb'
import { canonicalJson } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { type DynamoDbServer, startDynamoDb } from '@holdfast/dev-backends'
import { bundleProgram, linesUntilKilled, seededUnit } from '@holdfast/dev-kill'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, engineApp, expectedOf, openThings, TABLE } from './engine-app.ts'
import { freshDirectory } from './stores.ts'

const KILLS = 200
const WITHIN_MS = 120
/** Numbers set aside for one run: what it wrote last may not have reached us, so none is used twice. */
const RESERVED = 100_000

let server: DynamoDbServer
beforeAll(async () => {
  server = await startDynamoDb()
  await installDynamoDb(clientOf(server.endpoint), { tableName: TABLE })
})
afterAll(() => server.stop())

test(`over ${KILLS} kills in mid-write and mid-sync, every acknowledged write is there, once, here and at the remote`, {
  timeout: 900_000,
}, async () => {
  const directory = freshDirectory()
  const path = join(directory, 'db.sqlite')
  const program = await bundleProgram(new URL('./engine-writer.ts', import.meta.url), directory)
  const unit = seededUnit(20_262)
  const acknowledged = new Map<number, number>()
  const lost: string[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const args = [path, server.endpoint, String(kill * RESERVED)]
    const moment = { afterLines: 1, afterMs: unit() * WITHIN_MS }
    for (const line of await linesUntilKilled(program, args, moment)) {
      const [n, step] = line.split(' ').map(Number)
      if (n !== undefined && step !== undefined) acknowledged.set(n, step)
    }
    if (kill % 10 === 9 || kill === KILLS - 1) lost.push(...(await missing(path, acknowledged)))
  }
  expect(lost).toEqual([])
  expect(acknowledged.size).toBeGreaterThan(KILLS)

  const device = await engineApp(path, server.endpoint)
  await device.sync.now()
  expect(device.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0, conflicts: 0 })
  const other = await openThings(memoryStore(), server.endpoint)
  await other.sync.now()
  const here = await device.things.find()
  expect(canonicalJson((await other.things.find()) as never)).toBe(canonicalJson(here as never))
  expect(new Set(here.map(({ n }) => n)).size).toBe(here.length)
  await Promise.all([device.close(), other.close()])
})

/** Documents whose acknowledged state is not there; a later step that was not acknowledged in time may be. */
async function missing(path: string, acknowledged: ReadonlyMap<number, number>): Promise<string[]> {
  const db = await engineApp(path, server.endpoint)
  const wrong: string[] = []
  for (const [n, step] of acknowledged) {
    const expected = expectedOf(n, step)
    const found = await db.things.get(`d${n}`)
    const isDeletedSince = found === undefined && step === 3 && expectedOf(n, 4) === null
    const isThere =
      expected === null ? found === undefined : found !== undefined && found.step >= expected.step
    if (!isThere && !isDeletedSince)
      wrong.push(`d${n}: step ${step} acknowledged, found ${JSON.stringify(found)}`)
  }
  await db.close()
  return wrong
}
