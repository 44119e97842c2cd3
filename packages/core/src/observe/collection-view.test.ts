import { describe, expect, test, vi } from 'vitest'
import { createMapSource } from '../../test/map-source.ts'
import { isHoldfastError } from '../errors/holdfast-error.ts'
import { createCollectionView } from './collection-view.ts'
import type { Query } from './query.ts'

interface Contact {
  readonly id: string
  readonly name: string
  readonly tags?: readonly string[]
}

const ADA = { id: '1', name: 'Ada', tags: ['vip'] }
const BEN = { id: '2', name: 'Ben' }
const CY = { id: '3', name: 'Cy', tags: ['vip', 'lead'] }
const BY_NAME: Query<Contact> = { orderBy: { name: 'asc' } }
const VIPS: Query<Contact> = { where: { tags: { has: 'vip' } }, orderBy: { name: 'asc' } }

function setUp(options: Parameters<typeof createCollectionView>[1] = { indexes: ['name', 'tags'] }) {
  const source = createMapSource<Contact>([ADA, BEN, CY])
  return { source, view: createCollectionView(source, options) }
}

describe('a live query', () => {
  test('keeps its list by identity until a document in it changes, and tells once for a commit', () => {
    const { source, view } = setUp()
    const live = view.live(VIPS)
    const listener = vi.fn()
    live.subscribe(listener)
    const first = live.getSnapshot()
    source.commit({ ...BEN, name: 'Bo' })
    expect(live.getSnapshot()).toBe(first)
    expect(listener).not.toHaveBeenCalled()
    source.commit({ ...BEN, tags: ['vip'] }, { ...CY, name: 'Al' })
    expect(live.getSnapshot().map(({ name }) => name)).toEqual(['Ada', 'Al', 'Ben'])
    expect(first.map(({ name }) => name)).toEqual(['Ada', 'Cy'])
    expect(listener).toHaveBeenCalledTimes(1)
  })

  test('does nothing and holds nothing without a listener', () => {
    const { source, view } = setUp({})
    const live = view.live(BY_NAME)
    expect(source.listeners).toBe(0)
    const refs = vi.spyOn(source, 'refs')
    source.commit({ ...ADA, name: 'Eve' })
    expect(refs).not.toHaveBeenCalled()
    const leave = live.subscribe(() => {})
    leave()
    refs.mockClear()
    source.commit({ ...ADA, name: 'Eva' })
    expect(refs).not.toHaveBeenCalled()
  })

  test('gives the same list before, during and after a subscription, as React asks', () => {
    const { source, view } = setUp()
    const live = view.live(BY_NAME)
    const first = live.getSnapshot()
    expect(live.getSnapshot()).toBe(first)
    const leave = live.subscribe(() => {})
    expect(live.getSnapshot()).toBe(first)
    leave()
    expect(live.getSnapshot()).toBe(first)
    source.commit({ ...ADA, name: 'Zoe' })
    const second = live.getSnapshot()
    expect(second.map(({ name }) => name)).toEqual(['Ben', 'Cy', 'Zoe'])
    live.subscribe(() => {})
    expect(live.getSnapshot()).toBe(second)
  })

  test('is up to date when it comes back after a pause', () => {
    const { source, view } = setUp()
    const live = view.live(BY_NAME)
    live.subscribe(() => {})()
    source.commit('1', { id: '4', name: 'Di' })
    live.subscribe(() => {})
    expect(live.getSnapshot().map(({ name }) => name)).toEqual(['Ben', 'Cy', 'Di'])
  })

  test('lets all listeners go when disposed, and can be used again', () => {
    const { source, view } = setUp()
    const live = view.live(BY_NAME)
    const listener = vi.fn()
    live.subscribe(listener)
    live.dispose()
    source.commit('1')
    expect(listener).not.toHaveBeenCalled()
    expect(live.getSnapshot()).toHaveLength(2)
    live.subscribe(listener)
    source.commit('2')
    expect(listener).toHaveBeenCalledTimes(1)
  })

  test('is refused at once when the query is wrong', () => {
    const { view } = setUp()
    const wrong = { where: { name: { is: 'Ada' } } } as unknown as Query<Contact>
    expect(() => view.live(wrong)).toThrow(expect.objectContaining({ code: 'invalid_query' }))
    expect(() => view.find(wrong)).toThrow(expect.objectContaining({ code: 'invalid_query' }))
  })
})

describe('listeners', () => {
  test('one that throws is reported, and the others of all queries are told', () => {
    const onError = vi.fn()
    const { source, view } = setUp({ onError })
    const fault = new Error('listener')
    const others = [vi.fn(), vi.fn()]
    const live = view.live(BY_NAME)
    live.subscribe(() => {
      throw fault
    })
    live.subscribe(() => others[0]?.())
    view.live(VIPS).subscribe(() => others[1]?.())
    source.commit('1')
    expect(onError).toHaveBeenCalledExactlyOnceWith(fault)
    for (const other of others) expect(other).toHaveBeenCalledTimes(1)
  })

  test('see every query of the view up to date, whichever is told first', () => {
    const { source, view } = setUp()
    const [a, b] = [view.live(BY_NAME), view.live(VIPS)]
    const seen: number[][] = []
    const note = () =>
      seen.push([
        a.getSnapshot().length,
        b.getSnapshot().length,
        (view.find(BY_NAME) as Contact[]).length,
        (view.find(VIPS) as Contact[]).length,
      ])
    a.subscribe(note)
    b.subscribe(note)
    source.commit('1')
    expect(seen).toEqual([
      [2, 1, 2, 1],
      [2, 1, 2, 1],
    ])
  })

  test('that write make a commit of their own, and everyone ends at the last state', () => {
    const { source, view } = setUp()
    const [a, b] = [view.live(BY_NAME), view.live(VIPS)]
    const last: Record<string, number> = {}
    a.subscribe(() => {
      last.a = a.getSnapshot().length
      if (source.size === 2) source.commit('3')
    })
    b.subscribe(() => {
      last.b = b.getSnapshot().length
    })
    source.commit('1')
    expect(last).toEqual({ a: 1, b: 0 })
    expect(view.find(BY_NAME)).toEqual([BEN])
  })
})

describe('indexes', () => {
  test('are built on first use and follow from then on, without another look at all documents', () => {
    const { source, view } = setUp()
    const refs = vi.spyOn(source, 'refs')
    expect(source.listeners).toBe(0)
    expect(view.find(VIPS)).toEqual([ADA, CY])
    const looks = refs.mock.calls.length
    expect(looks).toBeGreaterThan(0)
    source.commit({ ...BEN, tags: ['vip'] }, '1')
    expect((view.find(VIPS) as Contact[]).map(({ name }) => name)).toEqual(['Ben', 'Cy'])
    expect(refs).toHaveBeenCalledTimes(looks)
  })

  test('are built anew after a commit that named a version before that never was', () => {
    const source = createMapSource<Contact>([ADA, BEN, CY])
    let tell: Parameters<typeof source.subscribe>[0] = () => {}
    const lying = {
      ...source,
      get size() {
        return source.size
      },
      subscribe(listener: typeof tell) {
        tell = listener
        return () => {}
      },
    }
    const view = createCollectionView(lying, { indexes: ['name'] })
    const named = (name: string) => view.find({ where: { name } })
    expect(named('Ada')).toEqual([ADA])
    const after = { ...ADA, name: 'Eve' }
    source.commit(after)
    tell([{ id: '1', before: { ...ADA, name: 'Who' }, after }])
    expect(named('Ada')).toEqual([])
    expect(named('Eve')).toEqual([after])
    expect(named('Who')).toEqual([])
  })

  test.each(['', 'a..b', 'at.__proto__'])('that name no field are refused: "%s"', (path) => {
    expect(() => setUp({ indexes: ['name', path] })).toThrow(
      expect.objectContaining({ code: 'invalid_options' }),
    )
  })

  test('answer by id from the source itself', () => {
    const { source, view } = setUp({})
    const refs = vi.spyOn(source, 'refs')
    expect(view.find({ where: { id: '2' } })).toEqual([BEN])
    expect(view.find({ where: { id: { in: ['3', '1', '9', '3'] } } })).toEqual([ADA, CY])
    expect(view.find({ where: { id: '2', name: 'Ada' } })).toEqual([])
    expect(refs).not.toHaveBeenCalled()
  })
})

test('a disposed view lets go of the source; its live queries keep what they showed', () => {
  const { source, view } = setUp()
  const live = view.live(BY_NAME)
  const listener = vi.fn()
  live.subscribe(listener)
  const shown = live.getSnapshot()
  view.dispose()
  expect(source.listeners).toBe(0)
  source.commit('1')
  expect(listener).not.toHaveBeenCalled()
  expect(live.getSnapshot()).toBe(shown)
  live.subscribe(listener)()
  expect(source.listeners).toBe(0)
  try {
    view.find(BY_NAME)
    expect.unreachable()
  } catch (error) {
    expect(isHoldfastError(error, 'closed')).toBe(true)
  }
})
