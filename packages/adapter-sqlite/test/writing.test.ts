import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { sqlite } from '../src/index.ts'
import { codeOf, everything, freshDirectory, openStore } from './stores.ts'

test('a batch that fails in the middle leaves nothing behind, and the store goes on', async () => {
  const { store } = await openStore()
  await store.write({ put: [['kept', 'v']] })
  const original = StatementSync.prototype.run
  const run = vi.spyOn(StatementSync.prototype, 'run')
  let puts = 0
  run.mockImplementation(function (this: StatementSync, ...values) {
    if (this.sourceSQL.startsWith('INSERT') && ++puts === 2) throw new Error('Something broke.')
    return Reflect.apply(original, this, values)
  })
  const outcome = await codeOf(
    store.write({
      delete: ['kept'],
      put: [
        ['a', '1'],
        ['b', '2'],
      ],
    }),
  )
  run.mockRestore()
  expect(outcome).toBe('store_failed')
  expect(await everything(store)).toEqual([['kept', 'v']])
  await store.write({ put: [['a', '1']] })
  expect(await store.getMany(['a', 'kept'])).toEqual(['1', 'v'])
})

test('a full disk fails as store_full and leaves nothing of the batch behind', async () => {
  const { store } = await openStore()
  await store.write({ put: [['kept', 'v']] })
  await store.close()
  // SQLite's own bound on the size of a file, which fails as a full disk does.
  const bound = vi.spyOn(DatabaseSync.prototype, 'exec')
  const connections = bound.mock.contexts as DatabaseSync[]
  await store.open('app')
  bound.mockRestore()
  connections.at(-1)?.exec('PRAGMA max_page_count = 20')
  const put = Array.from({ length: 40 }, (_, at): [string, string] => [`k${at}`, 'x'.repeat(4000)])
  expect(await codeOf(store.write({ put, delete: ['kept'] }))).toBe('store_full')
  expect(await everything(store)).toEqual([['kept', 'v']])
  await store.write({ put: [['small', 'fits']] })
})

test('a strict write sets SQLite to flush at its commit, a relaxed one to leave that to the system', async () => {
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
  const { store } = await openStore()
  const levels = () =>
    exec.mock.calls.map(([sql]) => sql).filter((sql) => sql.startsWith('PRAGMA synchronous'))
  await store.write({ put: [['a', '1']] })
  await store.write({ put: [['a', '2']] })
  await store.write({ put: [['a', '3']] }, { durability: 'strict' })
  await store.write({ put: [['a', '4']] })
  const used = levels()
  exec.mockRestore()
  expect(used).toEqual([
    'PRAGMA synchronous = NORMAL',
    'PRAGMA synchronous = FULL',
    'PRAGMA synchronous = NORMAL',
  ])
  expect(await codeOf(store.write({ put: [['a', '5']] }, { durability: 'none' }))).toBe(
    'unsupported_durability',
  )
  expect(await store.getMany(['a'])).toEqual(['4'])
})

test('a store that was made strict offers nothing weaker', async () => {
  const store = sqlite({ path: join(freshDirectory(), 'db.sqlite'), durability: 'strict' })
  await store.open('app')
  expect(store.capabilities.durability).toEqual(['strict'])
  expect(await codeOf(store.write({ put: [['a', '1']] }, { durability: 'relaxed' }))).toBe(
    'unsupported_durability',
  )
  await store.write({ put: [['a', '2']] })
  expect(await store.getMany(['a'])).toEqual(['2'])
  await store.close()
})

test('a strict write that changes nothing still flushes the relaxed one before it', async () => {
  const { store, path } = await openStore()
  const logSize = () => statSync(`${path}-wal`).size
  await store.write({ put: [['a', '1']] })
  const before = logSize()
  await store.write({ put: [['a', '1']] })
  expect(logSize()).toBe(before)
  await store.write({ put: [['a', '1']] }, { durability: 'strict' })
  expect(logSize()).toBeGreaterThan(before)
})

test('a value over the declared size is refused before anything is written', async () => {
  const { store } = await openStore()
  const { maxValueBytes } = store.capabilities
  const value = 'x'.repeat(maxValueBytes)
  await store.write({ put: [['fits', value]] })
  expect(
    await codeOf(
      store.write({
        put: [
          ['a', '1'],
          ['over', `${value}x`],
        ],
      }),
    ),
  ).toBe('invalid_value')
  expect((await everything(store)).map(([key]) => key)).toEqual(['fits'])
})

test('tells how much it uses and how much there is', async () => {
  const { store } = await openStore()
  const { usage, quota } = (await store.capabilities.estimate?.()) ?? { usage: 0, quota: 0 }
  expect(usage).toBeGreaterThan(0)
  expect(quota).toBeGreaterThan(usage)
})
