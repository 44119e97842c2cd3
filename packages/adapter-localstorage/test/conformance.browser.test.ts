import { localStoreCases, runSuite } from '@holdfast/testkit'
import { test } from 'vitest'
import { localStorageStore } from '../src/index.ts'

runSuite(
  localStoreCases({
    async open(name, events) {
      const store = localStorageStore()
      await store.open(name, events)
      return store
    },
    destroy: (name) => localStorageStore().destroy(name),
  }),
  { runner: { test } },
)
