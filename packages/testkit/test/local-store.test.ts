import { type Durability, HoldfastError, type LocalCapabilities } from '@holdfast/core'
import { createMemoryDisk, memoryStore } from '@holdfast/core/memory'
import { type LocalHarness, localStoreCases, localStoreCasesLeftOut, runSuite } from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'

function harnessOf(durability: readonly Durability[], turns: number): LocalHarness {
  const disk = createMemoryDisk({ durability })
  const latency = async () => {
    for (let i = 0; i < turns; i++) await undefined
  }
  return {
    capabilities: memoryStore({ disk }).capabilities,
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
      cutPower: async () => disk.crash({ keepUnsynced: 0 }),
    },
  }
}

describe('memory store, as it is', () =>
  runSuite(localStoreCases(harnessOf(['none'], 0)), { runner: { test } }))
describe('memory store, slow, on a disk with every durability', () =>
  runSuite(localStoreCases(harnessOf(['strict', 'relaxed', 'none'], 7)), { runner: { test } }))

const whole = harnessOf(['none'], 0)
const bare: LocalHarness = {
  capabilities: whole.capabilities,
  open: whole.open,
  destroy: whole.destroy,
}

test('what is left out is known, with the reason, and nothing is in both lists', () => {
  const leftOut = localStoreCasesLeftOut(bare)
  expect(Object.fromEntries(leftOut.map(({ id, unmet }) => [id, unmet]))).toMatchObject({
    'crashed-is-dead': ['crash'],
    'crash-keeps-acknowledged': ['crash', 'durable'],
    'durability-none-undeclared': ['no none'],
    'binary-undeclared': ['no binary'],
    full: ['fill'],
  })
  const run = new Set(localStoreCases(bare).map(({ id }) => id))
  expect(leftOut.filter(({ id }) => run.has(id))).toEqual([])
  expect(localStoreCases(bare).find(({ id }) => id === 'binary')?.requires).toEqual(['binary'])
})

/** The least and the most that a store can declare; `scope` has no cases of its own. */
const ends: LocalCapabilities[] = [
  { durability: ['none'], binary: false, maxValueBytes: 1 << 20, sharedBetweenTabs: false },
  {
    durability: ['strict', 'relaxed'],
    binary: true,
    maxValueBytes: 1 << 30,
    sharedBetweenTabs: true,
    estimate: async () => ({ usage: 0, quota: 1 }),
  },
]

test('whatever a store declares, without any optional member of the harness sixty cases run', () => {
  for (const capabilities of ends)
    expect(localStoreCases({ ...bare, capabilities }).length).toBeGreaterThanOrEqual(60)
})

test('each capability has a case with it and a case without it', () => {
  const requirements = ends.map((capabilities) =>
    localStoreCases({ ...whole, capabilities }).flatMap(({ requires }) => requires),
  )
  for (const name of ['strict', 'relaxed', 'none', 'durable', 'binary', 'estimate', 'sharedBetweenTabs'])
    expect(requirements.flat()).toEqual(expect.arrayContaining([name, `no ${name}`]))
  expect(requirements[0]).toContain('reachable maxValueBytes')
  expect(requirements[1]).toContain('no reachable maxValueBytes')
})
