import { localStoreCases, runSuite } from '@holdfast/testkit'
import { describe, test } from 'vitest'
import { STORES } from './stores.ts'

describe.each(STORES)('$title', ({ make }) => {
  runSuite(
    localStoreCases({
      async open(name, events) {
        const store = make()
        await store.open(name, events)
        return store
      },
      destroy: (name) => make().destroy(name),
    }),
    { runner: { test } },
  )
})
