import type { Durability } from '@holdfast/core'
import { createMemoryDisk, memoryStore } from '@holdfast/core/memory'
import { type LocalHarness, localStoreCases, runSuite } from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'

function harnessOf(durability: readonly Durability[], turns: number): LocalHarness {
  const disk = createMemoryDisk({ durability })
  const latency = async () => {
    for (let i = 0; i < turns; i++) await undefined
  }
  return {
    async open(name, events) {
      const store = memoryStore({ disk, latency })
      await store.open(name, events)
      return store
    },
    destroy: (name) => memoryStore({ disk }).destroy(name),
    async crash() {
      disk.crash()
    },
  }
}

describe('memory store, as it is', () =>
  runSuite(localStoreCases(harnessOf(['none'], 0)), { runner: { test } }))
describe('memory store, slow, on a disk with every durability', () =>
  runSuite(localStoreCases(harnessOf(['strict', 'relaxed', 'none'], 7)), { runner: { test } }))

test('cases that need a crash are left out where the harness has none', () => {
  const { crash: _, ...without } = harnessOf(['none'], 0)
  expect(localStoreCases(harnessOf(['none'], 0)).length - localStoreCases(without).length).toBe(3)
})
