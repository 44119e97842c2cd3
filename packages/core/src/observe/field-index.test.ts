import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elsewhere } from '../../test/elsewhere-source.ts'
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

test('indexes that are built of documents on disk, while commits go on, equal those that are built now', async () => {
  const fieldOf = (n: number) => (n % 5 === 0 ? [n % 3, 'x'] : n % 1000)
  const initial = Array.from({ length: 40_000 }, (_, n): Item => ({ id: `d${n}`, v: fieldOf(n), n: n % 7 }))
  const source = createMapSource<Item>(initial)
  let turn = 0
  const onDisk = elsewhere(source, async () => {
    turn++
    // Changed, removed, and new, also before and after they are looked at.
    if (turn % 1000 === 0)
      source.commit({ id: `d${turn * 2}`, v: 'changed' }, `d${turn}`, { id: `new${turn}` })
  })
  const taken: FieldIndex<Item>[] = []
  await FieldIndex.gather(['v', 'n'], onDisk, (indexes) => taken.push(...indexes))
  expect(turn).toBeGreaterThan(10_000)
  for (const [i, path] of ['v', 'n'].entries())
    expect(entriesOf(taken[i] as FieldIndex<Item>)).toEqual(entriesOf(FieldIndex.of(path, source)))
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
