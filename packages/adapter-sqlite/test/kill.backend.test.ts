import { join } from 'node:path'
import { killRepeatedly } from '@holdfast/dev-kill'
import { check } from '@holdfast/dev-kill/workload'
import { expect, test } from 'vitest'
import { sqlite } from '../src/index.ts'
import { freshDirectory } from './stores.ts'

const WRITERS = ['a', 'b', 'c']

function killWriter(manner: string, kills: number) {
  const path = join(freshDirectory(), 'db.sqlite')
  return killRepeatedly({
    program: new URL('./kill-writer.ts', import.meta.url),
    args: [path, manner],
    kills,
    seed: 20_251,
    withinMs: 40,
    batchesALife: { upTo: 60 },
    async check(acknowledged) {
      const store = sqlite({ path })
      await store.open('kill')
      const verdict = await check(store, WRITERS, acknowledged)
      await store.close()
      return verdict
    },
  })
}

test('over 50 kills no acknowledged batch is lost and none is torn', async () => {
  const { lost, torn, batches } = await killWriter('honest', 50)
  expect({ lost, torn }).toEqual({ lost: 0, torn: [] })
  expect(batches).toBeGreaterThan(1000)
})

test('control: a store that acknowledges too early is found out', async () => {
  const { lost } = await killWriter('cheating', 3)
  expect(lost).toBeGreaterThan(0)
})
