import type { HoldfastError } from '@holdfast/core'
import { afterEach, expect, test, vi } from 'vitest'
import { indexedDb } from '../src/index.ts'

const opened: { close(): Promise<void> }[] = []
let count = 0

async function openStore(options?: Parameters<typeof indexedDb>[0]) {
  const name = `t${Date.now()}-${count++}`
  const store = indexedDb(options)
  const losses: HoldfastError[] = []
  await store.open(name, { onLost: (error) => losses.push(error) })
  opened.push(store)
  return { store, name, losses, database: `holdfast:${name}` }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

afterEach(async () => {
  vi.restoreAllMocks()
  for (const store of opened.splice(0)) await store.close()
})

test('keeps what was written over closing and opening', async () => {
  const { store, name } = await openStore()
  await store.write({
    put: [
      ['m', '1'],
      ['w/a/1', 'x'],
    ],
  })
  await store.close()
  await store.open(name)
  expect(await store.scan({ from: '', to: 'z' })).toEqual([
    ['m', '1'],
    ['w/a/1', 'x'],
  ])
})

test('lets another connection upgrade at once, and reports the loss', async () => {
  const { store, losses, database } = await openStore()
  const upgrade = indexedDB.open(database, 2)
  const onBlocked = vi.fn()
  upgrade.onblocked = onBlocked
  const other = await settled(upgrade)
  other.close()
  expect(onBlocked).not.toHaveBeenCalled()
  expect(losses.map((error) => error.code)).toEqual(['store_lost'])
  await expect(store.write({ put: [['k', 'v']] })).rejects.toMatchObject({ code: 'store_lost' })
  await expect(store.getMany(['k'])).rejects.toMatchObject({ code: 'store_lost' })
})

test('reports a database deleted under it, and never writes to a new one', async () => {
  const { store, losses, database } = await openStore()
  await store.write({ put: [['k', 'v']] })
  await settled(indexedDB.deleteDatabase(database))
  await expect(store.write({ put: [['k', 'w']] })).rejects.toMatchObject({ code: 'store_lost' })
  expect(losses).toHaveLength(1)
  expect((await indexedDB.databases()).map((each) => each.name)).not.toContain(database)
})

test('passes the durability of a write to its transaction', async () => {
  const begin = vi.spyOn(IDBDatabase.prototype, 'transaction')
  const { store } = await openStore()
  begin.mockClear()
  await store.write({ put: [['a', '1']] })
  await store.write({ put: [['a', '2']] }, { durability: 'strict' })
  expect(begin.mock.results.map((each) => each.value.durability)).toEqual(['relaxed', 'strict'])
})
