import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localStoreCases, runSuite } from '@holdfast/testkit'
import { afterAll, test } from 'vitest'
import { sqlite } from '../src/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'holdfast-sqlite-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

runSuite(
  localStoreCases({
    async open(name, events) {
      const store = sqlite({ directory })
      await store.open(name, events)
      return store
    },
    destroy: (name) => sqlite({ directory }).destroy(name),
  }),
  { runner: { test } },
)
