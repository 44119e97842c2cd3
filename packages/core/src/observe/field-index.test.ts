import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMapSource } from '../../test/map-source.ts'
import type { JsonValue } from '../model/json.ts'
import { FieldIndex } from './field-index.ts'

interface Item {
  readonly id: string
  readonly v?: JsonValue
  readonly n?: number
}

const plain = fc.constantFrom<JsonValue>(null, true, 0, 1, 'a', 'b')
const ids = fc.integer({ min: 0, max: 25 }).map((n) => `${n}`)
const items: fc.Arbitrary<Item> = fc.record(
  {
    id: ids,
    v: fc.oneof(plain, fc.array(fc.oneof(plain, fc.constant({})), { maxLength: 3 }), fc.constant({ k: 1 })),
    n: fc.nat(9),
  },
  { requiredKeys: ['id'], noNullPrototype: true },
)

function over(items: readonly Item[]): FieldIndex<Item> {
  const source = createMapSource<Item>(items)
  return FieldIndex.of('v', source)
}

function entriesOf(index: FieldIndex<Item>) {
  const entries = Array.from({ length: index.size }, (_, i) => ({
    key: index.keyAt(i),
    id: index.refAt(i).id,
  }))
  return { entries, isOrder: index.isOrder }
}

test('an index that followed commits, small and large, equals one that is built now', () => {
  const commits = fc.array(
    fc.oneof(
      fc.array(fc.oneof(items, ids), { maxLength: 3 }),
      fc.array(fc.oneof(items, ids), { minLength: 9, maxLength: 20 }),
    ),
    { maxLength: 10 },
  )
  fc.assert(
    fc.property(fc.array(items, { maxLength: 30 }), commits, (initial, batches) => {
      const source = createMapSource<Item>(initial)
      const index = FieldIndex.of('v', source)
      for (const batch of batches) {
        expect(index.apply(source.commit(...batch))).toBe(true)
        expect(entriesOf(index)).toEqual(entriesOf(FieldIndex.of('v', source)))
      }
    }),
    { numRuns: 500 },
  )
})

test('entries are sorted by type and value, then by id; a list has one for each plain item', () => {
  const index = over([
    { id: '3', v: 'a' },
    { id: '1', v: ['a', 1, 'a', {}] },
    { id: '5' },
    { id: '2', v: {} },
    { id: '4', v: null },
  ])
  expect(entriesOf(index).entries.map(({ key, id }) => [key, id])).toEqual([
    [undefined, '5'],
    [null, '4'],
    [1, '1'],
    ['a', '1'],
    ['a', '3'],
    [{}, '2'],
  ])
  expect(index.isOrder).toBe(false)
})

test.each([1, 10])('a commit that does not fit what is indexed is reported (%i changes)', (count) => {
  const known = Array.from({ length: 20 }, (_, n) => ({ id: `${n}`, v: n }))
  const fitting = known
    .slice(0, count - 1)
    .map((before) => ({ id: before.id, before, after: { ...before, n: 1 } }))
  const stranger = { id: 'x', v: 1 }
  const removal = { id: 'x', before: stranger, after: undefined }
  expect(over(known).apply([...fitting, removal])).toBe(false)
})

test('in bulk, an entry that is there already is reported', () => {
  const known = Array.from({ length: 20 }, (_, n) => ({ id: `${n}`, v: n }))
  const again = known.slice(0, 10).map((after) => ({ id: after.id, before: undefined, after }))
  expect(over(known).apply(again)).toBe(false)
})
