import { type LocalHarness, localStoreCases, localStoreCasesLeftOut, runSuite } from '@holdfast/testkit'
import { test } from 'vitest'
import { localStorageStore } from '../src/index.ts'

/** Adds `size` characters to the item where they still fit. */
function grow(key: string, size: number): void {
  try {
    localStorage.setItem(key, (localStorage.getItem(key) ?? '') + 'x'.repeat(size))
  } catch {
    // Full: a smaller piece may fit.
  }
}

const harness: LocalHarness = {
  capabilities: localStorageStore().capabilities,
  async open(name, events) {
    const store = localStorageStore()
    await store.open(name, events)
    return store
  },
  destroy: (name) => localStorageStore().destroy(name),
  faults: {
    damage: async (name) => localStorage.setItem(`holdfast:${name}/head`, 'not a head'),
    lose: async () => localStorage.clear(),
    async fill() {
      for (let size = 4_194_304; size >= 64; size /= 2) grow('filler', size)
      return async () => localStorage.removeItem('filler')
    },
  },
}

runSuite(localStoreCases(harness), { runner: { test } })

test('facts for the report', ({ task }) => {
  Object.assign(task.meta, {
    conformance: {
      title: '`localStorageStore`',
      on: `Chromium ${/Chrome\/(\d+)/.exec(navigator.userAgent)?.[1]}`,
      leftOut: localStoreCasesLeftOut(harness),
      capabilities: harness.capabilities,
    },
  })
})
