import type { WriteBatch } from '@holdfast/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeStorage } from './fake-storage.ts'
import { codeOf, everything, openOn } from './stores.ts'

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const value = fc.nat(60).map((length) => 'x'.repeat(length))
const batches = fc.record({
  deleteRanges: fc.array(
    fc.tuple(key, key).map(([from, to]) => ({ from, to })),
    { maxLength: 1 },
  ),
  delete: fc.array(key, { maxLength: 2 }),
  put: fc.array(fc.tuple(key, value), { maxLength: 4 }),
})

async function storageWith(batch: WriteBatch): Promise<FakeStorage> {
  const storage = new FakeStorage()
  const store = await openOn(storage)
  await store.write(batch)
  await store.close()
  return storage
}

async function contentsOf(storage: FakeStorage) {
  const store = await openOn(storage)
  const contents = await everything(store)
  await store.close()
  return contents
}

test('a tab that dies at any step of a batch leaves the state before it or after it', async () => {
  await fc.assert(
    fc.asyncProperty(batches, batches, async (earlier, batch) => {
      const origin = await storageWith(earlier)
      const before = await contentsOf(origin.copy())
      const whole = origin.copy()
      const finished = await openOn(whole)
      await finished.write(batch)
      const after = await everything(finished)
      let seenAfter = false
      for (let step = 0; !seenAfter; step++) {
        const storage = origin.copy()
        const store = await openOn(storage)
        storage.changesLeft = step
        const outcome = await codeOf(store.write(batch))
        const left = await contentsOf(storage.copy())
        if (outcome === 'resolved') {
          expect(left).toEqual(after)
          seenAfter = true
        } else expect([before, after]).toContainEqual(left)
      }
    }),
    { numRuns: 60 },
  )
})

test('a tab that dies while it recovers leaves the recovery to the next', async () => {
  const origin = await storageWith({
    put: [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ],
  })
  const batch: WriteBatch = {
    delete: ['b', 'c'],
    put: [
      ['a', 'A'],
      ['d', 'D'],
      ['e', 'E'],
    ],
  }
  const before = await contentsOf(origin.copy())
  const states = new Set<string>()
  for (let step = 0; step < 9; step++) {
    for (let recovery = 0; recovery < 9; recovery++) {
      const storage = origin.copy()
      const store = await openOn(storage)
      storage.changesLeft = step
      await codeOf(store.write(batch))
      const second = storage.copy()
      second.changesLeft = recovery
      await openOn(second).catch(() => undefined)
      states.add(JSON.stringify(await contentsOf(second.copy())))
    }
  }
  const after = [
    ['a', 'A'],
    ['d', 'D'],
    ['e', 'E'],
  ]
  expect(states).toEqual(new Set([JSON.stringify(before), JSON.stringify(after)]))
})

test('a batch that does not fit fails as store_full and changes nothing, whatever it holds', async () => {
  let refused = 0
  await fc.assert(
    fc.asyncProperty(batches, batches, fc.nat(400), async (earlier, batch, room) => {
      const storage = await storageWith(earlier)
      const store = await openOn(storage)
      const before = await everything(store)
      storage.quota = storage.size + room
      const outcome = await codeOf(store.write(batch))
      if (outcome === 'resolved') return
      refused += 1
      expect(outcome).toBe('store_full')
      expect(await everything(store)).toEqual(before)
      expect(await contentsOf(storage.copy())).toEqual(before)
      storage.quota = Number.POSITIVE_INFINITY
      await store.write(batch)
      await store.close()
    }),
  )
  expect(refused).toBeGreaterThan(5)
})
