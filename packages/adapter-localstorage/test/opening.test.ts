import { expect, test, vi } from 'vitest'
import { localStorageStore } from '../src/index.ts'
import { FakeStorage } from './fake-storage.ts'
import { codeOf, everything, openOn } from './stores.ts'

test('keeps databases apart, also where one name starts another, and from what else is in the storage', async () => {
  const storage = new FakeStorage([['theme', 'dark']])
  for (const name of ['a', 'a/e', 'ab']) {
    const store = await openOn(storage, name)
    expect(await everything(store)).toEqual([])
    await store.write({
      put: [
        ['name', name],
        ['', 'empty key'],
      ],
    })
    await store.close()
  }
  await localStorageStore({ storage }).destroy('a')
  await localStorageStore({ storage }).destroy('a')
  const store = await openOn(storage, 'a/e')
  expect(await everything(store)).toEqual([
    ['', 'empty key'],
    ['name', 'a/e'],
  ])
  expect(storage.getItem('theme')).toBe('dark')
  expect(storage.length).toBe(1 + 2 * 3)
})

test('a second store on the same database is refused until the first is closed', async () => {
  const storage = new FakeStorage()
  const first = await openOn(storage)
  const second = localStorageStore({ storage })
  expect(await codeOf(second.open('app'))).toBe('store_locked')
  expect(await codeOf(second.destroy('app'))).toBe('store_locked')
  expect(await codeOf(first.destroy('app'))).toBe('store_locked')
  await first.close()
  expect(await codeOf(second.open('app'))).toBe('resolved')
})

test('a cleared storage is lost, and nothing is written to it', async () => {
  const storage = new FakeStorage()
  const store = localStorageStore({ storage })
  const onLost = vi.fn()
  await store.open('app', { onLost })
  await store.write({ put: [['k', 'v']] })
  storage.clear()
  expect(await codeOf(store.write({ put: [['k', 'w']] }))).toBe('store_lost')
  expect(await codeOf(store.getMany(['k']))).toBe('store_lost')
  expect(onLost).toHaveBeenCalledOnce()
  expect(storage.length).toBe(0)
  await store.open('app')
  expect(await everything(store)).toEqual([])
})

test('a database that was made anew under it is lost as well', async () => {
  const storage = new FakeStorage()
  const store = await openOn(storage)
  storage.clear()
  const copy = storage.copy()
  await openOn(copy)
  for (let at = 0; at < copy.length; at++) {
    const key = copy.key(at) ?? ''
    storage.setItem(key, copy.getItem(key) ?? '')
  }
  expect(await codeOf(store.write({ put: [['k', 'v']] }))).toBe('store_lost')
})

test('records that outlived a cleared head are not taken for a database', async () => {
  const storage = new FakeStorage()
  const store = await openOn(storage)
  await store.write({ put: [['k', 'v']] })
  await store.close()
  storage.removeItem('holdfast:app/head')
  expect(await everything(await openOn(storage))).toEqual([])
  expect(storage.length).toBe(1)
})

test('an unreadable head or journal is corrupt, a newer format is unavailable, and both stay as they are', async () => {
  const storage = new FakeStorage()
  await (await openOn(storage)).close()
  const head = storage.getItem('holdfast:app/head') ?? ''
  for (const [key, value, code] of [
    ['holdfast:app/head', '{', 'store_corrupt'],
    ['holdfast:app/head', '{"format":2}', 'store_unavailable'],
    ['holdfast:app/journal', '"half', 'store_corrupt'],
  ] as const) {
    storage.setItem('holdfast:app/head', head)
    storage.setItem(key, value)
    expect(await codeOf(localStorageStore({ storage }).open('app'))).toBe(code)
    expect(storage.getItem(key)).toBe(value)
  }
})

test('without localStorage and without a storage of its own it cannot open', async () => {
  expect(await codeOf(localStorageStore().open('app'))).toBe('store_unavailable')
})

test("declares the durability of a page as 'none', that of a given storage as it is told", async () => {
  expect(localStorageStore().capabilities.durability).toEqual(['none'])
  const store = localStorageStore({ storage: new FakeStorage(), durability: 'relaxed' })
  expect(store.capabilities.durability).toEqual(['relaxed'])
  await store.open('app')
  await store.write({ put: [['k', 'v']] }, { durability: 'relaxed' })
  expect(await codeOf(store.write({ put: [['k', 'w']] }, { durability: 'strict' }))).toBe(
    'unsupported_durability',
  )
  expect(await store.getMany(['k'])).toEqual(['v'])
})

test('bytes, and values over the declared size, are refused before anything is written', async () => {
  const store = await openOn(new FakeStorage())
  const large = 'ä'.repeat(store.capabilities.maxValueBytes / 2)
  expect(
    await codeOf(
      store.write({
        put: [
          ['a', '1'],
          ['b', `${large}x`],
        ],
      }),
    ),
  ).toBe('invalid_value')
  expect(
    await codeOf(
      store.write({
        put: [
          ['a', '1'],
          ['b', Uint8Array.of(1)],
        ],
      }),
    ),
  ).toBe('invalid_value')
  expect(await everything(store)).toEqual([])
  await store.write({ put: [['b', large]] })
})
