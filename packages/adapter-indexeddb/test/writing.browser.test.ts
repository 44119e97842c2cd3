import { Dexie } from 'dexie'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { refuseAsFirefox } from './firefox-quota.ts'
import { codeOf, freshName, openStore, STORES, settled } from './stores.ts'

describe.each(STORES)('$title', ({ make }) => {
  test('passes the durability of a write to its transaction', async () => {
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const used = () =>
      begin.mock.results.map((each) => each.value).filter((each) => each.mode === 'readwrite')
    const { store } = await openStore(make)
    await store.write({ put: [['a', '1']] })
    expect(used().at(-1).durability).toBe('relaxed')
    await store.write({ put: [['a', '2']] }, { durability: 'strict' })
    expect(used().at(-1).durability).toBe('strict')
    await store.write({ put: [['a', '3']] }, { durability: 'relaxed' })
    expect(used().at(-1).durability).toBe('relaxed')
    begin.mockRestore()
  })

  test('writes strictly only when it was made so', async () => {
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const { store } = await openStore(make, { durability: 'strict' })
    await store.write({ put: [['a', '1']] })
    const last = begin.mock.results.map((each) => each.value).filter((each) => each.mode === 'readwrite')
    begin.mockRestore()
    expect(last.at(-1).durability).toBe('strict')
    expect(store.capabilities.durability).toEqual(['strict'])
    expect(await codeOf(store.write({ put: [['a', '2']] }, { durability: 'relaxed' }))).toBe(
      'unsupported_durability',
    )
    expect(await store.getMany(['a'])).toEqual(['1'])
  })

  test('keeps the order of calls when strict and relaxed writes alternate', async () => {
    const { store } = await openStore(make)
    const writes = Array.from({ length: 60 }, (_, turn) =>
      store.write(
        { put: [['k', String(turn)]] },
        {
          durability: turn % 3 === 0 ? 'strict' : 'relaxed',
          expect: { key: 'k', value: turn === 0 ? null : String(turn - 1) },
        },
      ),
    )
    await Promise.all(writes)
    expect(await store.getMany(['k'])).toEqual(['59'])
  })

  test('two connections to one database: of two that expect the same value, one wins', async () => {
    const { store: first, name } = await openStore(make)
    const { store: second } = await openStore(make, { name })
    const rounds = Array.from({ length: 20 }, async (_, round) => {
      const expected = { key: `k${round}`, value: null }
      return Promise.all([
        codeOf(first.write({ put: [[expected.key, 'first']] }, { expect: expected })),
        codeOf(second.write({ put: [[expected.key, 'second']] }, { expect: expected })),
      ])
    })
    for (const outcomes of await Promise.all(rounds)) {
      expect(outcomes.toSorted()).toEqual(['resolved', 'store_conflict'])
    }
  })

  test.skipIf(!('storageBuckets' in navigator))(
    'a batch that is over the quota fails as store_full and leaves nothing behind',
    async () => {
      await insideBucket({ quota: 1_000_000 })
      const { store } = await openStore(make)
      await store.write({ put: [['kept', 'v']] })
      const put = ['a', 'b'].map((key): [string, string] => [key, 'x'.repeat(4_000_000)])
      expect(await codeOf(store.write({ put, delete: ['kept'] }))).toBe('store_full')
      expect(await store.scan({ from: '', to: 'z' })).toEqual([['kept', 'v']])
      await store.write({ put: [['a', 'fits']] })
      expect(await store.getMany(['a'])).toEqual(['fits'])
    },
  )

  test.each([
    ['first', ['large', 'small']],
    ['in the middle', ['small', 'large', 'small']],
    ['last', ['small', 'large']],
    ['alone', ['large']],
  ])('so it does where Firefox refuses a value that comes %s', async (_, values) => {
    const { store } = await openStore(make)
    await store.write({ put: [['kept', 'v']] })
    refuseAsFirefox('large')
    const put = values.map((value, at): [string, string] => [`k${at}`, value])
    const expected = { key: 'kept', value: 'v' }
    expect(await codeOf(store.write({ put }))).toBe('store_full')
    expect(await codeOf(store.write({ put }, { expect: expected }))).toBe('store_full')
    expect(await codeOf(store.write({ put, delete: ['kept'] }))).toBe('store_full')
    expect(await store.scan({ from: '', to: 'z' })).toEqual([['kept', 'v']])
  })

  test('a put that Firefox does not let into the transaction after a full one is store_full, no loss', async () => {
    const { store, losses } = await openStore(make)
    const refusal = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException(
        'A mutation operation was attempted on a database that did not allow mutations.',
        'InvalidStateError',
      )
    })
    const outcome = codeOf(store.write({ put: [['k', 'v']], delete: ['n'] }))
    expect(await outcome.finally(() => refusal.mockRestore())).toBe('store_full')
    await store.write({ put: [['k', 'w']] })
    expect(await store.getMany(['k'])).toEqual(['w'])
    expect(losses).toEqual([])
  })

  test('a value that the browser cannot clone takes its batch with it, and the store goes on', async () => {
    const { store } = await openStore(make)
    const uncloneable = new Uint8Array(8)
    structuredClone(uncloneable.buffer, { transfer: [uncloneable.buffer] })
    const outcome = codeOf(
      store.write({
        put: [
          ['a', 'v'],
          ['b', uncloneable],
        ],
      }),
    )
    expect(await outcome).toBe('invalid_value')
    expect(await store.scan({ from: '', to: 'z' })).toEqual([])
    await store.write({ put: [['a', 'w']] })
    expect(await store.getMany(['a'])).toEqual(['w'])
  })

  test('opens what the other store of this package made', async () => {
    const name = freshName()
    for (const [turn, { make: each }] of [...STORES, ...STORES].entries()) {
      const { store } = await openStore(each, { name })
      expect(await store.getMany(['turn'])).toEqual([turn === 0 ? undefined : String(turn - 1)])
      await store.write({ put: [['turn', String(turn)]] })
      await store.close()
    }
  })

  test('scans the same where the browser has no getAllRecords', async () => {
    const { store } = await openStore(make)
    await store.write({ put: ['a', 'b', 'c', 'd'].map((key): [string, string] => [key, key.toUpperCase()]) })
    const scans = () =>
      Promise.all([
        store.scan({ from: 'a', to: 'd' }),
        store.scan({ from: 'a', to: 'd', limit: 2 }),
        store.scan({ from: 'a', to: 'd', reverse: true }),
        store.scan({ from: 'a', to: 'd', limit: 2, reverse: true }),
      ])
    const usual = await scans()
    const own = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'getAllRecords')
    Reflect.deleteProperty(IDBObjectStore.prototype, 'getAllRecords')
    const without = await scans()
    if (own !== undefined) Object.defineProperty(IDBObjectStore.prototype, 'getAllRecords', own)
    expect(without).toEqual(usual)
    expect(usual[3]).toEqual([
      ['c', 'C'],
      ['b', 'B'],
    ])
  })

  test('takes a value of the declared size', async () => {
    const { store } = await openStore(make)
    // One character outside Latin-1 makes the browser store two bytes for each.
    const value = `€${'x'.repeat(store.capabilities.maxValueBytes - 3)}`
    await store.write({ put: [['big', value]] })
    expect((await store.getMany(['big']))[0]?.length).toBe(value.length)
  })

  test('fails in time when another tab does not let a deletion through', async () => {
    const { store: first, name, database } = await openStore(make)
    await first.close()
    const store = make({ timeoutMs: 50 })
    const stubborn = await settled(indexedDB.open(database))
    const destruction = codeOf(store.destroy(name))
    expect(await destruction).toBe('store_locked')
    // The deletion stands in the browser's queue, so an opening waits behind it.
    expect(await codeOf(store.open(name))).toBe('store_unavailable')
    stubborn.close()
    const { store: patient } = await openStore(make, { name })
    expect(await patient.getMany(['k'])).toEqual([undefined])
  })

  test('says so when the browser refuses storage', async () => {
    const { store, name } = await openStore(make)
    await store.close()
    const refusal = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException(
        'A mutation operation was attempted on a database that did not allow it.',
        'InvalidStateError',
      )
    })
    const outcome = await codeOf(store.open(name))
    refusal.mockRestore()
    expect(outcome).toBe('store_unavailable')
  })
})

/** IndexedDB of a storage bucket with a quota of its own, in place of the page's, until the test is over. */
async function insideBucket(options: { readonly quota: number }): Promise<void> {
  const buckets = (navigator as unknown as { storageBuckets: StorageBuckets }).storageBuckets
  const name = freshName()
  const bucket = await buckets.open(name, options)
  const usual = indexedDB
  vi.stubGlobal('indexedDB', bucket.indexedDB)
  Dexie.dependencies.indexedDB = bucket.indexedDB
  onTestFinished(async () => {
    vi.unstubAllGlobals()
    Dexie.dependencies.indexedDB = usual
    await buckets.delete(name)
  })
}

interface StorageBuckets {
  open(name: string, options: { readonly quota: number }): Promise<{ readonly indexedDB: IDBFactory }>
  delete(name: string): Promise<void>
}
