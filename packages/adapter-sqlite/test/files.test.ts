import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { sqlite } from '../src/index.ts'
import { codeOf, everything, freshDirectory, openStore } from './stores.ts'

test('keeps what was written over closing and opening', async () => {
  const { store } = await openStore()
  await store.write({
    put: [
      ['k', 'v'],
      ['b', Uint8Array.of(1, 2)],
    ],
  })
  await store.close()
  await store.open('app')
  expect(await everything(store)).toEqual([
    ['b', Uint8Array.of(1, 2)],
    ['k', 'v'],
  ])
})

test('with a directory, each database has a file of its own', async () => {
  const directory = join(freshDirectory(), 'made', 'on', 'demand')
  const store = sqlite({ directory })
  for (const name of ['a/b', '..', 'ä*']) {
    await store.open(name)
    await store.write({ put: [['name', name]] })
    await store.close()
  }
  const files = ['%C3%A4%2A.sqlite', '...sqlite', 'a%2Fb.sqlite']
  expect(readdirSync(directory).toSorted()).toEqual(files)
  await store.destroy('..')
  await store.destroy('..')
  await store.open('a/b')
  expect(await store.getMany(['name'])).toEqual(['a/b'])
  await store.close()
  expect(readdirSync(directory)).toHaveLength(2)
})

test('names that differ in case have files that do not, and no file has a name that is too long', async () => {
  const directory = freshDirectory()
  const store = sqlite({ directory })
  const names = ['a%2fb', 'A%2Fb', 'a%2FB', 'é'.repeat(120), 'É'.repeat(120), 'é'.repeat(255)]
  for (const name of names) {
    await store.open(name)
    await store.close()
  }
  const files = readdirSync(directory)
  expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(names.length)
  expect(Math.max(...files.map((file) => file.length))).toBeLessThan(220)
})

test('a second store is refused at once while the file is held, and also may not delete it', async () => {
  const { store, path } = await openStore()
  const second = sqlite({ path })
  expect(await codeOf(second.open('app'))).toBe('store_locked')
  expect(await codeOf(second.destroy('app'))).toBe('store_locked')
  await store.write({ put: [['k', 'v']] })
  await store.close()
  await second.open('app')
  expect(await second.getMany(['k'])).toEqual(['v'])
  await second.close()
})

test('a file that is no database is refused as it is', async () => {
  const path = join(freshDirectory(), 'letter.txt')
  const letter = 'Dear reader, '.repeat(1000)
  writeFileSync(path, letter)
  expect(await codeOf(sqlite({ path }).open('app'))).toBe('store_corrupt')
  expect(readFileSync(path, 'utf8')).toBe(letter)
})

test("another program's database is refused as it is", async () => {
  const path = join(freshDirectory(), 'other.sqlite')
  const other = new DatabaseSync(path)
  other.exec('CREATE TABLE entries (id INTEGER)')
  other.close()
  expect(await codeOf(sqlite({ path }).open('app'))).toBe('store_unavailable')
  const after = new DatabaseSync(path)
  expect(
    after
      .prepare('SELECT name FROM sqlite_schema')
      .all()
      .map((row) => row.name),
  ).toEqual(['entries'])
  after.close()
})

test('the file of a newer version, or of a database of another name, is refused', async () => {
  const { store, path } = await openStore()
  await store.close()
  expect(await codeOf(sqlite({ path }).open('another'))).toBe('store_unavailable')
  const newer = new DatabaseSync(path)
  newer.exec('PRAGMA user_version = 2')
  newer.close()
  expect(await codeOf(sqlite({ path }).open('app'))).toBe('store_unavailable')
})

test('a file cut short is corrupt, not empty', async () => {
  const { store, path } = await openStore()
  await store.write({
    put: Array.from({ length: 100 }, (_, at): [string, string] => [`k${at}`, 'x'.repeat(1000)]),
  })
  await store.close()
  truncateSync(path, 8192)
  expect(await codeOf(store.open('app').then(() => everything(store)))).toBe('store_corrupt')
})

test('an empty file beside a log that is not empty is corrupt, not new', async () => {
  const path = join(freshDirectory(), 'db.sqlite')
  writeFileSync(path, '')
  writeFileSync(`${path}-wal`, 'log')
  expect(await codeOf(sqlite({ path }).open('app'))).toBe('store_corrupt')
  expect(readFileSync(`${path}-wal`, 'utf8')).toBe('log')
})

test.each(['deleted', 'moved', 'replaced'])(
  'a file that was %s is lost, and nothing is acknowledged after it',
  async (fate) => {
    const { store, path, losses } = await openStore()
    await store.write({ put: [['k', 'v']] })
    if (fate === 'moved') renameSync(path, `${path}.away`)
    else rmSync(path)
    if (fate === 'replaced') writeFileSync(path, '')
    expect(await codeOf(store.write({ put: [['k', 'w']] }))).toBe('store_lost')
    expect(await codeOf(store.getMany(['k']))).toBe('store_lost')
    expect(await codeOf(everything(store))).toBe('store_lost')
    expect(losses.map((error) => error.code)).toEqual(['store_lost'])
    expect(existsSync(path) && readFileSync(path).length > 0).toBe(false)
  },
)

test('a directory that cannot be made or written is unavailable', async () => {
  const file = join(freshDirectory(), 'file')
  writeFileSync(file, '')
  expect(await codeOf(sqlite({ directory: join(file, 'below') }).open('app'))).toBe('store_unavailable')
  expect(await codeOf(sqlite({ path: join(file, 'below') }).open('app'))).toBe('store_unavailable')
})

test('a damaged file can still be destroyed', async () => {
  const path = join(freshDirectory(), 'letter.txt')
  writeFileSync(path, 'Dear reader, '.repeat(1000))
  await sqlite({ path }).destroy('app')
  expect(existsSync(path)).toBe(false)
})

test('takes a path or a directory, not both and not neither', () => {
  expect(() => sqlite({ path: 'a', directory: 'b' } as unknown as { path: string })).toThrow(/either/)
  expect(() => sqlite({} as unknown as { path: string })).toThrow(/either/)
})
