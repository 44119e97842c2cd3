import type { LocalStore } from '@holdfast/core'
import { HoldfastError } from '@holdfast/core'
import { createMemoryDisk, memoryStore } from '@holdfast/core/memory'
import { localStoreCases } from '@holdfast/testkit'
import { test } from 'vitest'
import { contrary } from './mutants/local-contract.ts'
import { likely } from './mutants/local-likely.ts'
import { naming } from './mutants/local-naming.ts'
import { ranges } from './mutants/local-ranges.ts'
import { expectCaught, type Mutant } from './mutants/mutant.ts'

/** The whole suite, with every lever, on a memory store with the fault. */
function casesOf({ mutate }: Mutant<LocalStore>) {
  const disk = createMemoryDisk({ durability: ['strict', 'relaxed'] })
  const make = (): LocalStore => {
    const store = memoryStore({ disk })
    return { ...store, ...mutate(store) }
  }
  return localStoreCases({
    capabilities: make().capabilities,
    async open(name, events) {
      const store = make()
      await store.open(name, events)
      return store
    },
    destroy: (name) => make().destroy(name),
    crash: async () => disk.crash(),
    // Another process has variables of its own.
    async openElsewhere(name) {
      const store = memoryStore({ disk })
      await store.open(name)
      await store.close()
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
  })
}

test.each([...likely, ...ranges, ...naming, ...contrary])('$caughtBy catches a store that $fault', (mutant) =>
  expectCaught(mutant, casesOf(mutant)),
)
