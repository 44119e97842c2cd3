import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isHoldfastError } from '../errors/holdfast-error.ts'
import type { JsonValue } from '../model/json.ts'
import { compileQuery } from './compile-query.ts'
import { compareValues } from './order.ts'
import type { Query } from './query.ts'

interface Thing {
  readonly [field: string]: JsonValue
  readonly id: string
}

const ALL: readonly Thing[] = [
  { id: 'none' },
  { id: 'null', v: null },
  { id: 'false', v: false },
  { id: 'true', v: true },
  { id: '-1', v: -1 },
  { id: '2', v: 2 },
  { id: '10', v: 10 },
  { id: 'text2', v: '2' },
  { id: 'B', v: 'Berta' },
  { id: 'a', v: 'ada' },
  { id: 'list', v: ['vip', 1, null, { k: 1 }] },
  { id: 'empty', v: [] },
  { id: 'object', v: { k: 1, l: [2] } },
]

const idsWhere = (v: unknown) => {
  const { matches } = compileQuery<Thing>({ where: { v } as never })
  return ALL.filter(matches).map(({ id }) => id)
}

describe('conditions', () => {
  test.each<[unknown, string[]]>([
    [2, ['2']],
    ['2', ['text2']],
    [null, ['null']],
    [false, ['false']],
    [{ eq: 2 }, ['2']],
    [{ eq: { l: [2], k: 1 } }, ['object']],
    [{ eq: [] }, ['empty']],
    [{ ne: 2 }, ALL.map(({ id }) => id).filter((id) => id !== '2' && id !== 'none')],
    [{ in: [2, null, 'ada', { k: 1, l: [2] }] }, ['null', '2', 'a', 'object']],
    [{ in: [] }, []],
    [{ nin: [2, -1, 10, true, false, null] }, ['text2', 'B', 'a', 'list', 'empty', 'object']],
    [{ exists: false }, ['none']],
    [{ exists: true, ne: null }, ALL.map(({ id }) => id).filter((id) => id !== 'null' && id !== 'none')],
    [{ gt: 2 }, ['10']],
    [{ gte: 2 }, ['2', '10']],
    [{ lt: 2 }, ['-1']],
    [{ gt: -1, lte: 2 }, ['2']],
    [{ gt: 'Berta' }, ['a']],
    [{ lte: 'Berta' }, ['text2', 'B']],
    [{ startsWith: 'Be' }, ['B']],
    [{ contains: 'a' }, ['B', 'a']],
    [{ has: 'vip' }, ['list']],
    [{ has: null }, ['list']],
    [{ has: { k: 1 } }, ['list']],
    [{ has: 2 }, []],
    [{ hasAny: ['x', 1] }, ['list']],
    [{ hasAny: [] }, []],
    [{ hasAll: ['vip', 1] }, ['list']],
    [{ hasAll: ['vip', 'x'] }, []],
    [{ hasAll: [] }, ['list', 'empty']],
  ])('%j', (condition, ids) => {
    expect(idsWhere(condition)).toEqual(ids)
  })

  test('combinators, and all fields together', () => {
    const ids = (where: object) => ALL.filter(compileQuery<Thing>({ where }).matches).map(({ id }) => id)
    expect(ids({ $not: { v: { exists: true } } })).toEqual(['none'])
    expect(ids({ $not: { v: { gt: 0 } } })).not.toContain('2')
    expect(ids({ $or: [{ v: 2 }, { v: 'ada' }] })).toEqual(['2', 'a'])
    expect(ids({ $or: [] })).toEqual([])
    expect(ids({ $and: [] })).toHaveLength(ALL.length)
    expect(ids({ $and: [{ v: { gt: 0 } }, { v: { lt: 10 } }], id: '2' })).toEqual(['2'])
    expect(ids({ v: { gt: 0 }, id: { in: ['2', '10'] }, $not: { id: '10' } })).toEqual(['2'])
  })

  test('paths lead into objects, not into lists or text, and never to what is inherited', () => {
    const thing = { id: 'x', at: { city: 'Oslo', geo: { lat: 59.9 } }, list: [1], text: 'abc' }
    const matches = (where: object) => compileQuery<Thing>({ where }).matches(thing)
    expect(matches({ 'at.city': 'Oslo', 'at.geo.lat': { gt: 59 } })).toBe(true)
    expect(matches({ 'at.geo.lng': { exists: true } })).toBe(false)
    expect(matches({ 'list.length': { exists: true } })).toBe(false)
    expect(matches({ 'text.length': { exists: true } })).toBe(false)
    expect(matches({ toString: { exists: true } })).toBe(false)
  })
})

describe('order', () => {
  const sorted = (orderBy: Query<Thing>['orderBy'], things = ALL) =>
    things.toSorted(compileQuery<Thing>({ orderBy }).compare).map(({ id }) => id)

  test('goes by type, then by value, then by id', () => {
    const up = [
      'none',
      'null',
      'false',
      'true',
      '-1',
      '2',
      '10',
      'text2',
      'B',
      'a',
      'empty',
      'list',
      'object',
    ]
    expect(sorted({ v: 'asc' })).toEqual(up)
    const down = [
      'empty',
      'list',
      'object',
      'a',
      'B',
      'text2',
      '10',
      '2',
      '-1',
      'true',
      'false',
      'null',
      'none',
    ]
    expect(sorted({ v: 'desc' })).toEqual(down)
  })

  test('without orderBy goes by id, in code units', () => {
    const things = ['b', 'Z', 'a', '\uffff', '😀'].map((id) => ({ id }))
    expect(sorted(undefined, things)).toEqual(['Z', 'a', 'b', '😀', '\uffff'])
  })

  test('of several fields goes as written, also as a list', () => {
    const things = [
      { id: '1', a: 1, b: 1 },
      { id: '2', a: 1, b: 2 },
      { id: '3', a: 0, b: 1 },
    ]
    expect(sorted({ a: 'asc', b: 'desc' }, things)).toEqual(['3', '2', '1'])
    expect(sorted([{ b: 'desc' }, { a: 'asc' }], things)).toEqual(['2', '3', '1'])
  })

  test('is total', () => {
    const value = fc.constantFrom<unknown>(undefined, null, false, true, -1, 0, 2, '', 'a', 'B', [], [1], {})
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        expect(Math.sign(compareValues(a, b)) + Math.sign(compareValues(b, a))).toBe(0)
        if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) {
          expect(compareValues(a, c)).toBeLessThanOrEqual(0)
        }
      }),
    )
  })
})

test.each<[string, unknown, RegExp]>([
  ['no object', null, /an object/],
  ['an unknown part', { wher: {} }, /"wher"/],
  ['an unknown operator', { where: { age: { above: 1 } } }, /"above" on "age"/],
  ['an operator that objects inherit', { where: { age: { toString: 1 } } }, /"toString" on "age"/],
  ['an unknown combinator', { where: { $nor: [] } }, /"\$nor"/],
  ['a combinator without a list', { where: { $or: {} } }, /"\$or" takes a list/],
  ['$not of a list', { where: { $not: [] } }, /a list/],
  ['where as a list', { where: [] }, /"where"/],
  ['an undefined value', { where: { name: undefined } }, /"name"/],
  ['an undefined operand', { where: { name: { eq: undefined } } }, /"eq" on "name"/],
  ['a list as plain value', { where: { tags: ['vip'] } }, /"tags"/],
  ['a date as plain value', { where: { at: new Date() } }, /"at"/],
  ['no operator', { where: { at: {} } }, /"at"/],
  ['a range of booleans', { where: { age: { gt: true } } }, /"gt" on "age"/],
  ['NaN', { where: { age: { gte: Number.NaN } } }, /"gte" on "age".*NaN/],
  ['NaN for equality', { where: { age: Number.NaN } }, /"eq" on "age".*NaN/],
  ['in without a list', { where: { age: { in: 1 } } }, /"in" on "age"/],
  ['exists without a boolean', { where: { age: { exists: 1 } } }, /"exists" on "age"/],
  ['startsWith without text', { where: { age: { startsWith: 1 } } }, /"startsWith" on "age"/],
  ['a path to a prototype', { where: { 'a.__proto__': 1 } }, /"a.__proto__"/],
  ['an empty step in a path', { where: { 'a..b': 1 } }, /"a..b"/],
  ['an unknown direction', { orderBy: { name: 'up' } }, /"name"/],
  ['an order by text', { orderBy: 'name' }, /"orderBy"/],
  ['a negative limit', { limit: -1 }, /"limit"/],
  ['half an offset', { offset: 0.5 }, /"offset"/],
  ['a limit of text', { limit: '5' }, /"limit"/],
])('%s is refused by name', (_title, query, named) => {
  try {
    compileQuery(query as Query<Thing>)
  } catch (error) {
    expect(isHoldfastError(error, 'invalid_query')).toBe(true)
    expect((error as Error).message).toMatch(named)
    return
  }
  throw new Error('nothing was thrown')
})

test('messages hold no operands', () => {
  expect(() => compileQuery<Thing>({ where: { v: { startsWith: ['hunter2'] } } as never })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
  )
})
