import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMapSource } from '../../test/map-source.ts'
import { compileQuery } from './compile-query.ts'
import { LiveWindow, type Run } from './live-window.ts'

interface Item {
  readonly id: string
  readonly rank: number
}
const item = (id: string, rank: number): Item => ({ id, rank })

function windowOver(items: readonly Item[], { limit, slack }: { limit: number; slack: number }) {
  const source = createMapSource(items)
  const query = compileQuery<Item>({ where: { rank: { gte: 0 } }, orderBy: { rank: 'asc' }, limit })
  const runs: number[] = []
  const run: Run<Item> = (count, take) => {
    runs.push(count)
    take([...source.values()].filter(query.matches).sort(query.compare).slice(0, count))
  }
  const window = new LiveWindow(query, run, { slack })
  const ids = () => window.visible().map(({ id }) => id)
  const commit = (...changes: (Item | string)[]) => window.apply(source.commit(...changes))
  return { source, query, window, runs, ids, commit }
}

const FIVE = [item('a', 1), item('b', 2), item('c', 3), item('d', 4), item('e', 5)]

describe('a window of two with one to spare', () => {
  test('takes inserts, moves and removals without running the query again', () => {
    const { commit, ids, runs } = windowOver(FIVE, { limit: 2, slack: 1 })
    commit(item('f', 0))
    expect(ids()).toEqual(['f', 'a'])
    commit(item('f', 1.5))
    expect(ids()).toEqual(['a', 'f'])
    commit('a')
    expect(ids()).toEqual(['f', 'b'])
    expect(runs).toEqual([3])
  })

  test('runs the query again once it is short, and not before', () => {
    const { commit, ids, runs } = windowOver(FIVE, { limit: 2, slack: 1 })
    commit('a')
    expect(runs).toEqual([3])
    commit('b')
    expect(ids()).toEqual(['c', 'd'])
    expect(runs).toEqual([3, 3])
  })

  test('never again once it holds all there is', () => {
    const { commit, ids, runs } = windowOver(FIVE.slice(0, 2), { limit: 2, slack: 1 })
    commit('a')
    commit('b')
    expect(ids()).toEqual([])
    commit(item('z', 9))
    expect(ids()).toEqual(['z'])
    expect(runs).toEqual([3])
  })

  test('takes nothing that stands after its end, where documents unseen may come first', () => {
    const { commit, ids, runs } = windowOver(FIVE, { limit: 2, slack: 1 })
    commit('c')
    expect(commit(item('f', 4.5))).toBe(false)
    commit('a')
    expect(ids()).toEqual(['b', 'd'])
    expect(runs).toEqual([3, 3])
  })

  test('says when a commit does not concern it', () => {
    const { commit } = windowOver(FIVE, { limit: 2, slack: 1 })
    expect(commit(item('e', 6))).toBe(false)
    expect(commit(item('x', -1))).toBe(false)
    expect(commit(item('a', 1))).toBe(true)
  })

  test('starts afresh when the source names a version before that never was', () => {
    const { source, window, runs, ids } = windowOver(FIVE, { limit: 2, slack: 1 })
    source.commit(item('a', 9))
    window.apply([{ id: 'a', before: item('a', 2.5), after: item('a', 9) }])
    expect(ids()).toEqual(['b', 'c'])
    expect(runs).toEqual([3, 3])
  })
})

test('whatever the limit, the slack and the commits, it shows the first documents in order', () => {
  const ids = fc.integer({ min: 0, max: 15 }).map((n) => `${n}`)
  const items = fc.record({ id: ids, rank: fc.integer({ min: -2, max: 12 }) })
  const commits = fc.array(
    fc.oneof(
      fc.array(fc.oneof(items, ids), { minLength: 1, maxLength: 3 }),
      fc.array(fc.oneof(items, ids), { minLength: 9, maxLength: 14 }),
    ),
    { maxLength: 12 },
  )
  const sizes = fc.record({ limit: fc.integer({ min: 0, max: 5 }), slack: fc.integer({ min: 0, max: 3 }) })
  fc.assert(
    fc.property(fc.array(items, { maxLength: 20 }), commits, sizes, (initial, batches, { limit, slack }) => {
      const { source, query, window, commit } = windowOver(initial, { limit, slack })
      for (const batch of batches) {
        commit(...batch)
        const expected = [...source.values()].filter(query.matches).sort(query.compare).slice(0, limit)
        expect(window.visible()).toEqual(expected)
      }
    }),
    { numRuns: 500 },
  )
})
