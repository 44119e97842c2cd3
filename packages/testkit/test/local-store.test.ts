import { type Durability, HoldfastError } from '@holdfast/core'
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
    faults: {
      async refuseOpen() {
        disk.failOpens(
          new HoldfastError('store_unavailable', 'The disk is not mounted. Mount it, then open.'),
        )
        return async () => disk.failOpens(null)
      },
      async fill() {
        disk.setQuota(0)
        return async () => disk.setQuota(Number.POSITIVE_INFINITY)
      },
      lose: async (name) => disk.lose(name),
    },
  }
}

describe('memory store, as it is', () =>
  runSuite(localStoreCases(harnessOf(['none'], 0)), { runner: { test } }))
describe('memory store, slow, on a disk with every durability', () =>
  runSuite(localStoreCases(harnessOf(['strict', 'relaxed', 'none'], 7)), { runner: { test } }))

test('cases that need a crash or a fault are left out where the harness has none', () => {
  const whole = harnessOf(['none'], 0)
  const { crash: _, ...uncrashed } = whole
  const { faults: __, ...unharmed } = whole
  const left = (harness: LocalHarness) => localStoreCases(whole).length - localStoreCases(harness).length
  expect([left(uncrashed), left(unharmed)]).toEqual([4, 3])
})

test('without any optional member of the harness there are at least sixty cases', () => {
  const { open, destroy } = harnessOf(['none'], 0)
  expect(localStoreCases({ open, destroy }).length).toBeGreaterThanOrEqual(60)
})
