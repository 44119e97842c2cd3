import { expect, test } from 'vitest'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createMemoryDisk } from './memory-disk.ts'
import { memoryStore } from './memory-store.ts'

const ALL = { from: '', to: '\uffff' }

async function openOn(disk: ReturnType<typeof createMemoryDisk>, name = 'db') {
  const store = memoryStore({ disk })
  await store.open(name)
  return store
}

test('a crash keeps what was synced and as much of the unsynced tail as it is told to', async () => {
  for (const keepUnsynced of [0, 1, 2]) {
    const disk = createMemoryDisk({ durability: ['strict', 'relaxed'] })
    const store = await openOn(disk)
    await store.write({ put: [['a', 'synced']] }, { durability: 'strict' })
    await store.write({
      put: [
        ['a', 'one'],
        ['b', '1'],
      ],
    })
    await store.write({ delete: ['a'], put: [['c', '2']] })
    disk.crash({ keepUnsynced })
    const expected = [
      [['a', 'synced']],
      [
        ['a', 'one'],
        ['b', '1'],
      ],
      [
        ['b', '1'],
        ['c', '2'],
      ],
    ][keepUnsynced]
    expect(await (await openOn(disk)).scan(ALL)).toEqual(expected)
  }
})

test('what was not applied when the crash came never is, and a sync makes the rest safe', async () => {
  const disk = createMemoryDisk({ durability: ['relaxed'] })
  const store = await openOn(disk)
  await store.write({ put: [['a', '1']] })
  disk.sync()
  const late = expect(store.write({ put: [['b', '2']] })).rejects.toMatchObject({ code: 'store_closed' })
  disk.crash({ keepUnsynced: 0 })
  await late
  expect(await (await openOn(disk)).scan(ALL)).toEqual([['a', '1']])
})

test('a write above the quota fails whole; deleting makes room, a crash gives it back', async () => {
  const disk = createMemoryDisk({ durability: ['relaxed'] })
  const store = await openOn(disk)
  disk.setQuota(40)
  await store.write({ put: [['a', 'x'.repeat(15)]] })
  await expect(store.write({ delete: ['none'], put: [['b', 'x'.repeat(15)]] })).rejects.toMatchObject({
    code: 'store_full',
  })
  expect(await store.scan(ALL)).toHaveLength(1)
  await store.write({ delete: ['a'] })
  await store.write({ put: [['b', 'x'.repeat(15)]] })
  expect(await store.capabilities.estimate?.()).toEqual({ usage: 32, quota: 40 })
  disk.crash({ keepUnsynced: 0 })
  expect(await (await openOn(disk)).capabilities.estimate?.()).toEqual({ usage: 0, quota: 40 })
})

test('writes and opens fail when told to, and then no more', async () => {
  const disk = createMemoryDisk()
  const store = await openOn(disk)
  const error = new HoldfastError('store_failed', 'disk error')
  disk.failWrites(1, error)
  await expect(store.write({ put: [['a', '1']] })).rejects.toBe(error)
  await store.write({ put: [['b', '1']] })
  expect(await store.scan(ALL)).toEqual([['b', '1']])
  disk.failOpens(error)
  await expect(openOn(disk)).rejects.toBe(error)
  disk.failOpens(null)
  expect(await (await openOn(disk)).scan(ALL)).toEqual([['b', '1']])
})

test('a private memory store is closed to others and empty in the next', async () => {
  const store = memoryStore()
  await store.open('db')
  await expect(store.open('db')).rejects.toMatchObject({ code: 'store_locked' })
  await expect(store.destroy('db')).rejects.toMatchObject({ code: 'store_locked' })
  await store.write({ put: [['a', '1']] })
  await store.close()
  await store.open('db')
  expect(await store.scan(ALL)).toEqual([['a', '1']])
  const other = memoryStore()
  await other.open('db')
  expect(await other.scan(ALL)).toEqual([])
})
