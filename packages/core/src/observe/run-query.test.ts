import { describe, expect, test, vi } from 'vitest'
import { createMapSource } from '../../test/map-source.ts'
import { naiveFind, type Row } from '../../test/naive-query.ts'
import { createCollectionView } from './collection-view.ts'

/** 1,000 rows whose tag stands on the last hundred by name; `reads` counts documents that were looked at. */
function setUp(indexes: readonly string[]) {
  const rows: Row[] = Array.from({ length: 1000 }, (_, n) => ({
    id: `r${(n * 7919) % 1000}`,
    name: `n${String(n).padStart(4, '0')}`,
    tags:
      n >= 990 ? ['late', 'tail', 'rare', 'odd'] : n >= 900 ? ['late', 'tail'] : n % 2 === 0 ? ['even'] : [],
    half: n % 2,
  }))
  const looked = vi.fn()
  const watched = rows.map((row) => {
    const { name, ...rest } = row
    return Object.defineProperty(rest, 'name', {
      enumerable: true,
      get() {
        looked()
        return name
      },
    }) as Row
  })
  const view = createCollectionView(createMapSource(watched), { indexes })
  return { rows, view, looked }
}

describe('the answer is the same, whichever way is taken', () => {
  test.each([
    [
      'what matches stands late in the order',
      { where: { tags: { has: 'late' } }, orderBy: { name: 'asc' }, limit: 5 },
    ],
    ['early in the order', { where: { tags: { has: 'late' } }, orderBy: { name: 'desc' }, limit: 5 }],
    ['documents that several items find', { where: { tags: { hasAny: ['rare', 'odd'] } } }],
    ['all of several items', { where: { tags: { hasAll: ['late', 'tail'] } }, limit: 3, offset: 98 }],
    ['large groups, ordered further', { orderBy: { half: 'desc', name: 'desc' }, limit: 20 }],
    ['large groups, by id', { orderBy: { half: 'desc' }, limit: 20 }],
    [
      'a range in the order',
      { where: { name: { gte: 'n0500', lt: 'n0600' } }, orderBy: { name: 'desc' }, limit: 9 },
    ],
    ['a beginning of text', { where: { name: { startsWith: 'n09' } }, orderBy: { name: 'asc' }, offset: 95 }],
    ['an empty range', { where: { name: { gt: 'n0600', lt: 'n0500' } }, orderBy: { name: 'asc' } }],
    ['one group, by id', { where: { half: 1 }, limit: 7 }],
    ['no filter, by id', { limit: 7, offset: 3 }],
  ] as const)('%s', (_title, query) => {
    for (const indexes of [[], ['name'], ['tags'], ['half'], ['name', 'tags', 'half']]) {
      const { rows, view } = setUp(indexes)
      const ids = naiveFind(rows, query).map(({ id }) => id)
      expect((view.find(query) as Row[]).map(({ id }) => id)).toEqual(ids)
    }
  })
})

describe('with an index', () => {
  const lookedAtFor = (query: Parameters<ReturnType<typeof setUp>['view']['find']>[0]) => {
    const { view, looked } = setUp(['name', 'tags', 'half'])
    view.find(query)
    looked.mockClear()
    view.find(query)
    return looked.mock.calls.length
  }

  test('an ordered page looks at no more documents than it gives', () => {
    expect(
      lookedAtFor({ where: { name: { gte: 'n0300' } }, orderBy: { name: 'asc' }, limit: 10 }),
    ).toBeLessThan(20)
    expect(lookedAtFor({ where: { half: 1, name: { ne: 'x' } }, limit: 10 })).toBeLessThan(20)
  })

  test('a rare value looks at those that have it', () => {
    expect(lookedAtFor({ where: { tags: { has: 'tail' }, name: { contains: '9' } } })).toBeLessThan(210)
  })
})
