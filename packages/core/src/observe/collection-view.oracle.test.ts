import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMapSource } from '../../test/map-source.ts'
import { type NaiveQuery, naiveFind, type Row } from '../../test/naive-query.ts'
import type { JsonValue } from '../model/json.ts'
import { createCollectionView } from './collection-view.ts'

const plain = fc.constantFrom<JsonValue>(null, false, true, -1, 0, 1, 2, '', 'a', 'ab', 'b', 'B')
const values = fc.oneof(
  { weight: 5, arbitrary: plain },
  { weight: 2, arbitrary: fc.array(plain, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom<JsonValue>({}, { k: 1 }, [{ k: 1 }, 'a']) },
)
const FIELDS = ['name', 'tags', 'age', 'at.city']
const ids = fc.integer({ min: 0, max: 30 }).map((n) => `id${n}`)

const rows: fc.Arbitrary<Row> = fc
  .record(
    { id: ids, name: values, tags: values, age: plain, at: fc.record({ city: plain }, { requiredKeys: [] }) },
    { requiredKeys: ['id'], noNullPrototype: true },
  )
  .map((row) => ({ ...row, id: row.id }))

const bounds = fc.constantFrom<JsonValue>(0, 1, '', 'a', 'b')
const conditions = fc.oneof(
  plain,
  fc.record({ eq: values }),
  fc.record({ ne: values }),
  fc.record({ in: fc.array(values, { maxLength: 3 }) }),
  fc.record({ nin: fc.array(values, { maxLength: 3 }) }),
  fc.record({ exists: fc.boolean() }),
  fc.record({ gt: bounds }),
  fc.record({ gte: bounds, lt: bounds }),
  fc.record({ lte: bounds }),
  fc.record({ startsWith: fc.constantFrom('', 'a', 'ab') }),
  fc.record({ contains: fc.constantFrom('', 'b') }),
  fc.record({ has: values }),
  fc.record({ hasAny: fc.array(values, { maxLength: 3 }) }),
  fc.record({ hasAll: fc.array(values, { maxLength: 2 }) }),
)
const fieldConditions = fc.oneof(
  fc.tuple(fc.constantFrom(...FIELDS), conditions).map(([path, condition]) => ({ [path]: condition })),
  fc
    .oneof(ids, fc.record({ in: fc.array(ids, { maxLength: 4 }) }), fc.record({ gt: ids }))
    .map((id) => ({ id })),
)
const wheres: fc.Arbitrary<object> = fc.letrec<{ where: object }>((tie) => ({
  where: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fieldConditions,
    fc.tuple(fieldConditions, fieldConditions).map(([a, b]) => ({ ...a, ...b })),
    fc.constant({}),
    fc.array(tie('where'), { maxLength: 3 }).map((parts) => ({ $and: parts })),
    fc.array(tie('where'), { maxLength: 3 }).map((parts) => ({ $or: parts })),
    tie('where').map((part) => ({ $not: part })),
  ),
})).where

const queries: fc.Arbitrary<NaiveQuery> = fc.record(
  {
    where: wheres,
    orderBy: fc.dictionary(fc.constantFrom(...FIELDS, 'id'), fc.constantFrom('asc', 'desc'), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    limit: fc.integer({ min: 0, max: 6 }),
    offset: fc.integer({ min: 0, max: 4 }),
  },
  { requiredKeys: [], noNullPrototype: true },
)

/** Small commits follow one by one, large ones in bulk: both ways must agree with the oracle. */
const commits = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.array(fc.oneof(rows, ids), { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(fc.oneof(rows, ids), { minLength: 10, maxLength: 20 }) },
  ),
  { maxLength: 8 },
)
const indexes = fc.subarray(FIELDS)
/** Many documents that hardly match make it worth while to look through an index instead. */
const crowds = fc.constantFrom(0, 80)
const crowd = (size: number): Row[] =>
  Array.from({ length: size }, (_, n) => ({ id: `z${n}`, name: 'z', tags: ['z'] }))

test('find and live equal a naive filter, sort and slice after every commit', () => {
  fc.assert(
    fc.property(
      fc.array(rows, { maxLength: 40 }),
      fc.array(queries, { minLength: 1, maxLength: 4 }),
      commits,
      indexes,
      crowds,
      (initial, asked, batches, declared, others) => {
        const source = createMapSource<Row>([...initial, ...crowd(others)])
        const view = createCollectionView(source, { indexes: declared })
        const lives = asked.map((query) => ({ query, live: view.live(query), told: 0 }))
        for (const each of lives) each.live.subscribe(() => each.told++)
        const check = () => {
          for (const { query, live } of lives) {
            const expected = naiveFind(source.values(), query)
            expect(view.find(query)).toEqual(expected)
            expect(live.getSnapshot()).toEqual(expected)
          }
        }
        check()
        for (const batch of batches) {
          const before = lives.map(({ live, told }) => ({ list: live.getSnapshot(), told }))
          source.commit(...batch)
          check()
          for (const [i, { live, told }] of lives.entries()) {
            const list = live.getSnapshot()
            const was = before[i]
            const isSame = list.length === was?.list.length && list.every((row, at) => row === was.list[at])
            expect(list === was?.list).toBe(isSame)
            expect(told - (was?.told ?? 0)).toBe(isSame ? 0 : 1)
          }
        }
      },
    ),
    { numRuns: 400 },
  )
})
