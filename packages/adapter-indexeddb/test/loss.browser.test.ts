import type { LocalStore } from '@holdfast/core'
import { describe, expect, test, vi } from 'vitest'
import { cdp, server } from 'vitest/browser'
import { dexieStore } from '../src/dexie.ts'
import { indexedDb } from '../src/index.ts'
import { codeOf, openStore, STORES, settled } from './stores.ts'

describe.each(STORES)('$title, when its database goes away', ({ make }) => {
  test('another connection upgrades at once, and the store reports the loss', async () => {
    const { store, losses, database } = await openStore(make)
    const upgrade = indexedDB.open(database, 2)
    const onBlocked = vi.fn()
    upgrade.onblocked = onBlocked
    const other = await settled(upgrade)
    other.close()
    expect(onBlocked).not.toHaveBeenCalled()
    expect(losses.map((error) => error.code)).toEqual(['store_lost'])
    expect(await codeOf(store.write({ put: [['k', 'v']] }))).toBe('store_lost')
    expect(await codeOf(store.write({ put: [['k', 'v']] }, { durability: 'strict' }))).toBe('store_lost')
    expect(await codeOf(store.getMany(['k']))).toBe('store_lost')
    expect(await codeOf(store.scan({ from: '', to: 'z' }))).toBe('store_lost')
  })

  test('a deleted database is reported, and no new one is made by a write', async () => {
    const { store, losses, database } = await openStore(make)
    await store.write({ put: [['k', 'v']] })
    await settled(indexedDB.deleteDatabase(database))
    expect(await codeOf(store.write({ put: [['k', 'w']] }))).toBe('store_lost')
    expect(losses).toHaveLength(1)
    expect(await namesHere()).not.toContain(database)
  })

  test('a write that is under way when another connection deletes still ends as it was reported', async () => {
    const { store, database } = await openStore(make)
    const written = codeOf(store.write({ put: [['k', 'v']] }))
    await settled(indexedDB.deleteDatabase(database))
    expect(['resolved', 'store_lost']).toContain(await written)
  })

  test('an upgraded database is refused as newer, not opened', async () => {
    const { store, name, database } = await openStore(make)
    const other = await settled(indexedDB.open(database, 2))
    other.close()
    await store.close()
    expect(await codeOf(store.open(name))).toBe('store_unavailable')
  })

  test('a connection that was cut from a database since deleted is lost, and makes none', async () => {
    const { store, losses, database } = await openStore(make)
    await cut(store)
    await settled(indexedDB.deleteDatabase(database))
    expect(await codeOf(store.write({ put: [['k', 'w']] }))).toBe('store_lost')
    expect(losses.map((error) => error.code)).toEqual(['store_lost'])
    expect(await namesHere()).not.toContain(database)
  })

  test('a connection that was cut does not go over to a database made anew under its name', async () => {
    const { store, losses, name, database } = await openStore(make)
    await cut(store)
    await settled(indexedDB.deleteDatabase(database))
    const { store: other } = await openStore(make, { name })
    expect(await codeOf(store.write({ put: [['k', 'w']] }))).toBe('store_lost')
    expect(losses.map((error) => error.code)).toEqual(['store_lost'])
    expect(await other.scan({ from: '', to: 'z' })).toEqual([])
  })

  test.runIf(server.browser === 'chromium')(
    'clearing the data of the site is a loss, and makes no new database',
    async () => {
      const { store, losses, database } = await openStore(make)
      await store.write({ put: [['k', 'v']] })
      await cdp().send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' })
      expect(await codeOf(store.write({ put: [['k', 'w']] }))).toMatch(/^store_(lost|failed)$/)
      await vi.waitFor(() => expect(losses.map((error) => error.code)).toEqual(['store_lost']))
      expect(await codeOf(store.write({ put: [['k', 'w']] }))).toBe('store_lost')
      expect(await namesHere()).not.toContain(database)
    },
  )
})

test('indexedDb replaces a connection that was cut by one to the same database', async () => {
  const { store, losses } = await openStore(indexedDb)
  await store.write({ put: [['k', 'v']] })
  await cut(store)
  await Promise.all([
    store.write({ put: [['k', 'w']] }),
    store.write({ put: [['k', 'x']] }),
    store.write({ put: [['n', 'y']] }, { expect: { key: 'k', value: 'x' } }),
  ])
  expect(await store.getMany(['k', 'n'])).toEqual(['x', 'y'])
  expect(losses).toEqual([])
})

test('dexieStore reports a connection that was cut as a loss, and opens again with everything in it', async () => {
  const { store, losses, name } = await openStore(dexieStore)
  await store.write({ put: [['k', 'v']] })
  await cut(store)
  await codeOf(store.write({ put: [['n', 'w']] }))
  expect(losses.map((error) => error.code)).toEqual(['store_lost'])
  expect(await codeOf(store.write({ put: [['n', 'x']] }))).toBe('store_lost')
  await store.close()
  await store.open(name)
  expect(await store.getMany(['k'])).toEqual(['v'])
})

/** WebKit lists a database whose creation was aborted, in version 0: it holds nothing. */
async function namesHere(): Promise<unknown[]> {
  const databases = await indexedDB.databases()
  return databases.filter(({ version }) => version !== 0).map(({ name }) => name)
}

/** Closes the connection behind the store's back, without an event, as Safari does when its database process dies. */
async function cut(store: LocalStore): Promise<void> {
  const get = vi.spyOn(IDBObjectStore.prototype, 'get')
  await store.getMany(['k'])
  const [entries] = get.mock.contexts as IDBObjectStore[]
  get.mockRestore()
  if (entries === undefined) throw new Error('The store read nothing.')
  const database = entries.transaction.db
  database.onversionchange = null
  database.close()
}
