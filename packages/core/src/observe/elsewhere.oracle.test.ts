import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elsewhere } from '../../test/elsewhere-source.ts'
import { createMapSource } from '../../test/map-source.ts'
import { type NaiveQuery, naiveFind, type Row } from '../../test/naive-query.ts'
import { createCollectionView } from './collection-view.ts'

const ids = fc.integer({ min: 0, max: 20 }).map((n) => `id${n}`)
const words = fc.constantFrom('a', 'ab', 'b', 'c', 'd')
const rows: fc.Arbitrary<Row> = fc.record(
  { id: ids, name: words, tags: fc.uniqueArray(words, { maxLength: 2 }) },
  { noNullPrototype: true },
)
const queries: fc.Arbitrary<NaiveQuery> = fc.record(
  {
    where: fc.oneof(
      words.map((word) => ({ name: { gte: word } })),
      words.map((word) => ({ tags: { has: word } })),
      fc.record({ name: words, tags: words.map((word) => ({ has: word })) }),
      fc.array(ids, { maxLength: 3 }).map((some) => ({ id: { in: some } })),
      fc.constant({}),
    ),
    orderBy: fc.constantFrom({}, { name: 'asc' as const }, { name: 'desc' as const, tags: 'asc' as const }),
    limit: fc.integer({ min: 0, max: 5 }),
    offset: fc.integer({ min: 0, max: 2 }),
  },
  { requiredKeys: ['orderBy'], noNullPrototype: true },
)
const commits = fc.array(fc.array(fc.oneof(rows, ids), { minLength: 1, maxLength: 12 }), { maxLength: 8 })

/** A promise that the test resolves, one by one, so that a commit can come between any two reads. */
function createTicks() {
  const waiting: (() => void)[] = []
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await undefined
  }
  return {
    tick: () => new Promise<void>((resolve) => waiting.push(resolve)),
    async step(): Promise<boolean> {
      await settle()
      const next = waiting.shift()
      next?.()
      await settle()
      return next !== undefined
    },
  }
}

test('documents on disk: find is the answer of one moment, and live follows, whatever commits come between reads', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(rows, { maxLength: 30 }),
      queries,
      commits,
      fc.subarray(['name', 'tags']),
      async (initial, query, batches, indexes) => {
        const source = createMapSource<Row>(initial)
        const { tick, step } = createTicks()
        const errors: unknown[] = []
        const view = createCollectionView(elsewhere(source, tick), {
          indexes,
          onError: (e) => errors.push(e),
        })
        const live = view.live(query)
        expect([live.isLoading, live.getSnapshot()]).toEqual([true, []])
        let told = 0
        live.subscribe(() => told++)
        const isTold = live.isLoading
        const answers = [naiveFind(source.values(), query)]
        let found: readonly Row[] | null = null
        const finding = Promise.resolve(view.find(query)).then((list) => {
          found = list
        })
        for (const batch of batches) {
          await step()
          source.commit(...batch)
          if (found === null) answers.push(naiveFind(source.values(), query))
        }
        while (await step());
        await finding
        expect(answers).toContainEqual(found)
        expect(live.getSnapshot()).toEqual(naiveFind(source.values(), query))
        expect(live.isLoading).toBe(false)
        if (isTold) expect(told).toBeGreaterThan(0)
        expect(errors).toEqual([])
        view.dispose()
      },
    ),
    { numRuns: 400 },
  )
})
