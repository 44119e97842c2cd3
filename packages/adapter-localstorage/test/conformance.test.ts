import { type LocalHarness, localStoreCases, localStoreCasesLeftOut, runSuite } from '@holdfast/testkit'
import { test } from 'vitest'
import { localStorageStore } from '../src/index.ts'
import { FakeStorage } from './fake-storage.ts'

let storage = new FakeStorage()

const harness: LocalHarness = {
  capabilities: localStorageStore({ storage, durability: 'relaxed' }).capabilities,
  async open(name, events) {
    const store = localStorageStore({ storage, durability: 'relaxed' })
    await store.open(name, events)
    return store
  },
  destroy: (name) => localStorageStore({ storage }).destroy(name),
  async crash() {
    const dead = storage
    storage = dead.copy()
    dead.changesLeft = 0
  },
  faults: {
    damage: async (name) => storage.setItem(`holdfast:${name}/head`, 'not a head'),
    lose: async () => storage.clear(),
    async fill() {
      storage.quota = storage.size + 100
      return async () => {
        storage.quota = Number.POSITIVE_INFINITY
      }
    },
  },
}

runSuite(localStoreCases(harness), { runner: { test } })

test('facts for the report', ({ task }) => {
  Object.assign(task.meta, {
    conformance: {
      title: '`localStorageStore`, own `storage`',
      on: `a Storage in memory, Node ${process.versions.node}`,
      leftOut: localStoreCasesLeftOut(harness),
      capabilities: harness.capabilities,
    },
  })
})
