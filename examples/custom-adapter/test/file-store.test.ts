import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ErrorCode, HoldfastError } from '@holdfast/core'
import { type LocalHarness, localStoreCases, runSuite } from '@holdfast/testkit'
import { afterAll, expect, test } from 'vitest'
import { fileStore } from '../src/file-store.ts'

const elsewhere = fileURLToPath(new URL('./open-elsewhere.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'holdfast-files-'))
afterAll(() => rmSync(root, { recursive: true }))

/** A directory for each name, and another one after each crash. */
const directories = new Map<string, string>()
let count = 0

function directoryOf(name: string): string {
  const directory = directories.get(name) ?? join(root, String(count++))
  directories.set(name, directory)
  return directory
}

/** The directory that the store made for the only database in it. */
function databaseOf(name: string): string {
  const [database = ''] = readdirSync(directoryOf(name))
  return join(directoryOf(name), database)
}

const harness: LocalHarness = {
  capabilities: fileStore({ directory: root }).capabilities,
  async open(name, events) {
    const store = fileStore({ directory: directoryOf(name) })
    await store.open(name, events)
    return store
  },
  destroy: (name) => fileStore({ directory: directoryOf(name) }).destroy(name),
  async openElsewhere(name) {
    const { stdout } = await promisify(execFile)(process.execPath, [elsewhere, directoryOf(name), name])
    if (stdout !== 'resolved') throw new HoldfastError(stdout as ErrorCode, 'So it is in the other process.')
  },
  async crash(name) {
    const dead = directoryOf(name)
    directories.delete(name)
    cpSync(dead, directoryOf(name), { recursive: true })
    rmSync(dead, { recursive: true })
  },
  faults: {
    damage: async (name) => writeFileSync(join(databaseOf(name), 'log'), 'no log'),
    lose: async (name) => rmSync(databaseOf(name), { recursive: true }),
    async refuseOpen(name) {
      const database = databaseOf(name)
      renameSync(database, `${database}.aside`)
      writeFileSync(database, 'in the way')
      return async () => {
        rmSync(database)
        renameSync(`${database}.aside`, database)
      }
    },
  },
}

runSuite(localStoreCases(harness), { runner: { test } })

test('a log that is cut at any byte opens to a state between two batches', async () => {
  const directory = join(root, 'whole')
  const store = fileStore({ directory })
  await store.open('cut')
  const states = [await store.scan({ from: '', to: '\uffff' })]
  for (let i = 0; i < 4; i++) {
    await store.write({
      put: [
        ['a', `${i}`],
        [`k${i}`, 'ä'],
      ],
      delete: [`k${i - 1}`],
    })
    states.push(await store.scan({ from: '', to: '\uffff' }))
  }
  await store.close()
  const [database = ''] = readdirSync(directory)
  const log = readFileSync(join(directory, database, 'log'))
  const head = log.indexOf('\n', log.indexOf('\n') + 1) + 1
  for (let end = head; end <= log.length; end++) {
    const cut = join(root, `cut-${end}`)
    mkdirSync(join(cut, database), { recursive: true })
    writeFileSync(join(cut, database, 'log'), log.subarray(0, end))
    const again = fileStore({ directory: cut })
    await again.open('cut')
    const state = await again.scan({ from: '', to: '\uffff' })
    await again.close()
    expect(states).toContainEqual(state)
    if (end === log.length) expect(state).toEqual(states.at(-1))
  }
})

test('a byte that is flipped before the last batch is reported', async () => {
  const directory = join(root, 'flipped')
  const store = fileStore({ directory })
  await store.open('flip')
  for (const key of ['a', 'b', 'c']) await store.write({ put: [[key, key]] })
  await store.close()
  const [database = ''] = readdirSync(directory)
  const path = join(directory, database, 'log')
  const log = readFileSync(path)
  log.writeUInt8(log.readUInt8(60) ^ 1, 60)
  writeFileSync(path, log)
  await expect(fileStore({ directory }).open('flip')).rejects.toMatchObject({ code: 'store_corrupt' })
})
