import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '@holdfast/adapter-sqlite'
import type { LocalStore } from '@holdfast/core'
import { createMemoryDisk, memoryStore } from '@holdfast/core/memory'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { application, EXPECTED_TITLES } from '../src/application.ts'
import { type RunningBackends, startBackends } from '../src/backends.ts'
import { REMOTES, remoteOf } from '../src/remotes.ts'

let backends: RunningBackends
let directory: string
beforeAll(async () => {
  backends = await startBackends()
  directory = mkdtempSync(join(tmpdir(), 'holdfast-matrix-'))
})
afterAll(async () => {
  await backends.stop()
  rmSync(directory, { recursive: true })
})

const disk = createMemoryDisk()
const LOCALS: Record<string, () => LocalStore> = {
  memory: () => memoryStore({ disk }),
  sqlite: () => sqlite({ directory }),
}

let pair = 0
describe.each(Object.keys(LOCALS))('%s', (local) => {
  test.each(REMOTES)('with %s', async (remote) => {
    const name = `${local}-${remote}`
    const device = {
      local: LOCALS[local] as () => LocalStore,
      remote: remoteOf(remote, name, backends.of(++pair)),
    }
    const { a, b, titles } = await application(name, device, device)
    expect(a).toBe(b)
    expect(titles).toEqual(EXPECTED_TITLES)
  })
})
