import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ErrorCode, HoldfastError } from '@holdfast/core'
import { type LocalHarness, localStoreCases, localStoreCasesLeftOut, runSuite } from '@holdfast/testkit'
import { afterAll, test } from 'vitest'
import { sqlite } from '../src/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'holdfast-sqlite-'))
const elsewhere = fileURLToPath(new URL('./open-elsewhere.ts', import.meta.url))
const fileOf = (name: string) => join(directory, `${name}.sqlite`)
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const harness: LocalHarness = {
  capabilities: sqlite({ directory }).capabilities,
  async open(name, events) {
    const store = sqlite({ directory })
    await store.open(name, events)
    return store
  },
  destroy: (name) => sqlite({ directory }).destroy(name),
  async openElsewhere(name) {
    const { stdout } = await promisify(execFile)(process.execPath, [elsewhere, directory, name])
    if (stdout !== 'resolved') throw new HoldfastError(stdout as ErrorCode, 'So it is in the other process.')
  },
  faults: {
    damage: async (name) => writeFileSync(fileOf(name), 'not a database, and longer than a header of SQLite'),
    async lose(name) {
      for (const suffix of ['', '-wal']) rmSync(fileOf(name) + suffix)
    },
    async refuseOpen(name) {
      renameSync(fileOf(name), `${fileOf(name)}.aside`)
      mkdirSync(fileOf(name))
      return async () => {
        rmdirSync(fileOf(name))
        renameSync(`${fileOf(name)}.aside`, fileOf(name))
      }
    },
  },
}

runSuite(localStoreCases(harness), { runner: { test } })

test('facts for the report', ({ task }) => {
  Object.assign(task.meta, {
    conformance: {
      title: '`sqlite`',
      on: `Node ${process.versions.node}, SQLite ${process.versions.sqlite}`,
      leftOut: localStoreCasesLeftOut(harness),
      capabilities: { ...harness.capabilities, estimate: true },
    },
  })
})
