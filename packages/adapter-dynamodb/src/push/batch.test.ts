import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takeBatch } from './batch.ts'
import type { Prepared } from './prepare.ts'
import { MAX_TRANSACTION_BYTES, planUnits, type Unit } from './unit.ts'

let index = 0
function prepared(key: string, { bytes = 100, group }: { bytes?: number; group?: string } = {}): Prepared {
  index += 1
  const mutation = { id: `m${index}`, hlc: '', collection: 'c', documentId: key, base: null, value: null }
  return {
    index,
    mutation: group === undefined ? mutation : { ...mutation, group },
    key,
    body: null,
    entry: '',
    bytes,
    entryBytes: 10,
  }
}

const keysOf = (units: readonly Unit[]) => units.flatMap((unit) => unit.slots.map((slot) => slot[0].key))

test('a transaction never has a document twice, keeps to its limits, and each document keeps its order', () => {
  const mutations = fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      bytes: fc.integer({ min: 1, max: MAX_TRANSACTION_BYTES / 2 }),
      group: fc.option(fc.constantFrom('g', 'h'), { nil: undefined }),
    }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(mutations, fc.integer({ min: 1, max: 4 }), (all, documents) => {
      // Groups keep only the first mutation of a document, so that each stands for itself.
      const seen = new Set<string>()
      const asked = all
        .filter(({ key, group }) => group === undefined || (!seen.has(group + key) && seen.add(group + key)))
        .map(({ key, bytes, group }) =>
          prepared(key, { bytes: group === undefined ? bytes : 10, ...(group ? { group } : {}) }),
        )
      let queue = planUnits(asked)
      const order: number[] = []
      const planned = queue.flatMap((unit) => unit.slots.flat())
      while (queue.length > 0) {
        const { batch, rest } = takeBatch(queue, { documents })
        expect(batch.length).toBeGreaterThan(0)
        const keys = keysOf(batch)
        expect(new Set(keys).size).toBe(keys.length)
        if (batch.length > 1) {
          expect(keys.length).toBeLessThanOrEqual(documents)
          expect(batch.reduce((sum, unit) => sum + unit.bytes, 0)).toBeLessThanOrEqual(MAX_TRANSACTION_BYTES)
        }
        order.push(...batch.flatMap((unit) => unit.slots.flat().map((each) => each.index)))
        queue = rest
      }
      for (const key of ['a', 'b', 'c', 'd', 'e']) {
        const mine = planned.filter((each) => each.key === key).map((each) => each.index)
        expect(order.filter((each) => mine.includes(each))).toEqual(mine)
      }
      expect(order.length).toBe(asked.length)
    }),
  )
})

test('a unit that has to wait does not hold up others', () => {
  const units = planUnits([prepared('a'), prepared('a'), prepared('b')])
  const { batch, rest } = takeBatch(units, { documents: 98 })
  expect(keysOf(batch)).toEqual(['a', 'b'])
  expect(keysOf(rest)).toEqual(['a'])
})
