import { createMemoryDisk, createMemoryServer, memoryRemote, memoryStore } from '@holdfast/core/memory'
import { localStoreCases, remoteStoreCases, runCases } from '@holdfast/testkit'
import { expect, test } from 'vitest'

test('the suites run in a browser', async () => {
  const disk = createMemoryDisk()
  const server = createMemoryServer()
  const local = localStoreCases({
    capabilities: memoryStore({ disk }).capabilities,
    async open(name, events) {
      const store = memoryStore({ disk })
      await store.open(name, events)
      return store
    },
    destroy: (name) => memoryStore({ disk }).destroy(name),
  })
  const remote = remoteStoreCases({
    capabilities: memoryRemote({ server }).capabilities,
    open: async ({ space }) => memoryRemote({ server, space }),
  })
  const outcomes = [await runCases(local), await runCases(remote)]
  expect(outcomes.map(({ failed }) => [...failed.keys()])).toEqual([[], []])
  expect(outcomes.map(({ passed }) => passed.length)).toEqual([local.length, remote.length])
})
