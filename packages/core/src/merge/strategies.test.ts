import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conflicts, deepFreeze, swapped } from '../../test/conflicts.ts'
import type { Conflict, ConflictStrategy, Decision } from '../contracts/conflict-strategy.ts'
import { type JsonValue, jsonEquals } from '../model/json.ts'
import { askUser } from './ask-user.ts'
import type { FieldRule } from './field-rule.ts'
import { strategy } from './own-strategy.ts'
import { threeWay } from './three-way.ts'
import { localWins, newestWins, remoteWins } from './whole-side.ts'

const STRATEGIES = [
  localWins(),
  remoteWins(),
  newestWins(),
  threeWay(),
  threeWay(localWins()),
  threeWay(remoteWins()),
]
const SYMMETRIC = [newestWins(), threeWay()]

function settle(by: ConflictStrategy, conflict: Conflict) {
  const resolution = by.resolve(conflict)
  if ('defer' in resolution) throw new Error('deferred')
  return resolution
}

const AFTER_ALL = 'ffffffffffff-0000-aaaaaaaaaaaaaaaa'
const EARLY = '000000000001-0000-aaaaaaaaaaaaaaaa'
const LATE = '000000000002-0000-aaaaaaaaaaaaaaaa'

function conflictOf(
  base: Record<string, JsonValue> | null,
  local: Record<string, JsonValue>,
  remote: Record<string, JsonValue>,
): Conflict {
  const context = { collection: 'things', id: 'x', localHlc: EARLY, remoteHlc: LATE }
  return {
    base: base && { ...base, id: 'x' },
    local: { ...local, id: 'x' },
    remote: { ...remote, id: 'x' },
    context,
  }
}

describe.each(STRATEGIES.map((by) => [by.name, by] as const))('%s', (_name, by) => {
  test('gives the same for the same, keeps the id, and changes nothing that it was given', () => {
    fc.assert(
      fc.property(conflicts, (conflict) => {
        const text = JSON.stringify(conflict)
        const first = settle(by, deepFreeze(conflict))
        expect(settle(by, JSON.parse(text))).toEqual(first)
        expect(first.value.id).toBe('x')
        expect(JSON.stringify(conflict)).toBe(text)
      }),
    )
  })

  test('settling again what was settled changes nothing', () => {
    fc.assert(
      fc.property(conflicts, (conflict) => {
        const { value } = settle(by, conflict)
        expect(settle(by, { ...conflict, local: value }).value).toEqual(value)
      }),
    )
  })

  test('identical sides stay as they are', () => {
    fc.assert(
      fc.property(conflicts, (conflict) => {
        expect(settle(by, { ...conflict, remote: conflict.local }).value).toEqual(conflict.local)
      }),
    )
  })
})

test.each(SYMMETRIC.map((by) => [by.name, by] as const))(
  '%s gives both replicas the same, whichever calls itself local',
  (_name, by) => {
    fc.assert(
      fc.property(conflicts, (conflict) => {
        const here = settle(by, conflict)
        const there = settle(by, swapped(conflict))
        expect(there.value).toEqual(here.value)
        if (jsonEquals(conflict.local, conflict.remote)) return
        expect(mirrored(there.decisions)).toEqual(sorted(here.decisions))
      }),
    )
  },
)

test.each(SYMMETRIC.map((by) => [by.name, by] as const))(
  '%s is a no-op where the other replica already merged and sent it',
  (_name, by) => {
    fc.assert(
      fc.property(conflicts, (conflict) => {
        const { value } = settle(by, conflict)
        const context = { ...conflict.context, remoteHlc: AFTER_ALL }
        expect(settle(by, { ...conflict, remote: value, context }).value).toEqual(value)
      }),
    )
  },
)

/** The same decisions, read from the other side. */
function mirrored(decisions: readonly Decision[]) {
  const other = { local: 'remote', remote: 'local', merged: 'merged' } as const
  return sorted(decisions.map((decision) => ({ ...decision, chosen: other[decision.chosen] }))).map((d) => ({
    ...d,
    why: d.why
      .replace('only local', 'only LOCAL')
      .replace('only remote', 'only local')
      .replace('only LOCAL', 'only remote'),
  }))
}

function sorted(decisions: readonly Decision[]) {
  return decisions.toSorted((a, b) => (a.path.join('.') < b.path.join('.') ? -1 : 1))
}

describe('threeWay', () => {
  test('loses no field that only one side changed, at any depth', () => {
    fc.assert(
      fc.property(conflicts, ({ base, local, remote, context }) => {
        fc.pre(base !== null)
        const { value } = settle(threeWay(), { base, local, remote, context })
        expectOneSidedKept(base, local, remote, value)
      }),
    )
  })

  function expectOneSidedKept(
    base: JsonValue | undefined,
    local: JsonValue | undefined,
    remote: JsonValue | undefined,
    merged: JsonValue | undefined,
  ): void {
    if (jsonEquals(base, remote) || jsonEquals(base, local)) {
      expect(merged).toEqual(jsonEquals(base, remote) ? local : remote)
      return
    }
    if (!isObject(local) || !isObject(remote)) return
    const ground = isObject(base) ? base : {}
    for (const key of new Set([...Object.keys(local), ...Object.keys(remote), ...Object.keys(ground)])) {
      expectOneSidedKept(ground[key], local[key], remote[key], (merged as Record<string, JsonValue>)[key])
    }
  }

  const isObject = (value: JsonValue | undefined): value is Record<string, JsonValue> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)

  test('merges different fields, into nested objects, and says what it chose for each', () => {
    const conflict = conflictOf(
      { name: 'Ada', phone: '1', address: { city: 'Oslo', zip: '1' }, old: 1 },
      { name: 'Ada L', phone: '2', address: { city: 'Bergen', zip: '1' }, old: 1 },
      { name: 'Ada', phone: '3', address: { city: 'Oslo', zip: '2' } },
    )
    expect(threeWay().resolve(conflict)).toEqual({
      value: { id: 'x', name: 'Ada L', phone: '3', address: { city: 'Bergen', zip: '2' } },
      decisions: [
        { path: ['name'], chosen: 'local', why: 'only local changed' },
        { path: ['phone'], chosen: 'remote', why: 'newer' },
        { path: ['address', 'city'], chosen: 'local', why: 'only local changed' },
        { path: ['address', 'zip'], chosen: 'remote', why: 'only remote changed' },
        { path: ['old'], chosen: 'remote', why: 'only remote changed' },
      ],
    })
  })

  test('an array is one value: both changed it, so the fallback decides for all of it', () => {
    const conflict = conflictOf({ tags: ['a'] }, { tags: ['a', 'b'] }, { tags: ['a', 'c'] })
    expect(settle(threeWay(), conflict).value).toEqual({ id: 'x', tags: ['a', 'c'] })
    expect(settle(threeWay(localWins()), conflict).value).toEqual({ id: 'x', tags: ['a', 'b'] })
  })

  test('a field that one side removed and the other changed goes to the fallback', () => {
    const conflict = conflictOf({ n: 1, m: { k: 1 } }, {}, { n: 2, m: { k: 2 } })
    expect(settle(threeWay(localWins()), conflict).value).toEqual({ id: 'x' })
    expect(settle(threeWay(remoteWins()), conflict).value).toEqual({ id: 'x', n: 2, m: { k: 2 } })
  })

  test('both created: fields of either side are kept, and the fallback decides where both have one', () => {
    const conflict = conflictOf(null, { a: 1, both: 1, here: 1 }, { a: 2, both: 1, there: 1 })
    expect(settle(threeWay(), conflict).value).toEqual({
      id: 'x',
      a: 2,
      both: 1,
      here: 1,
      there: 1,
    })
    expect(settle(threeWay(localWins()), conflict).value).toMatchObject({ a: 1, there: 1 })
  })

  test('defers only where both changed the same field differently, and names the field', () => {
    const by = threeWay(askUser('which one?'))
    expect(by.resolve(conflictOf({ a: 1, b: 1 }, { a: 2, b: 1 }, { a: 1, b: 2 }))).toMatchObject({
      value: { a: 2, b: 2 },
    })
    expect(by.resolve(conflictOf({ at: { a: 1 } }, { at: { a: 2 } }, { at: { a: 3 } }))).toEqual({
      defer: 'which one? (at.a)',
    })
  })

  test('a rule for fields of another kind takes its place as fallback', () => {
    const greatest: FieldRule = {
      name: 'max',
      settleField: ({ path, local, remote }) => ({
        value: Math.max(Number(local), Number(remote)),
        decisions: [{ path, chosen: 'merged', why: 'greatest' }],
      }),
    }
    expect(threeWay(greatest).resolve(conflictOf({ n: 1 }, { n: 5 }, { n: 3 }))).toEqual({
      value: { id: 'x', n: 5 },
      decisions: [{ path: ['n'], chosen: 'merged', why: 'greatest' }],
    })
  })

  test('as a rule for one field it merges into that field', () => {
    const context = { collection: 'things', id: 'x', localHlc: EARLY, remoteHlc: LATE }
    const field = {
      path: ['at'],
      base: { a: 1, b: 1 },
      local: { a: 2, b: 1 },
      remote: { a: 1, b: 2 },
      context,
    }
    expect(threeWay().settleField(field)).toMatchObject({ value: { a: 2, b: 2 } })
  })
})

test('newest wins by clock, the local side too', () => {
  const conflict = conflictOf({ n: 0 }, { n: 1 }, { n: 2 })
  expect(settle(newestWins(), conflict).value).toEqual({ id: 'x', n: 2 })
  expect(settle(newestWins(), swapped(conflict))).toEqual({
    value: { id: 'x', n: 2 },
    decisions: [{ path: [], chosen: 'local', why: 'newer' }],
  })
})

test('askUser defers with its reason', () => {
  expect(askUser('look at it').resolve(conflictOf({}, { a: 1 }, { a: 2 }))).toEqual({ defer: 'look at it' })
})

describe('a strategy of one’s own', () => {
  const conflict = conflictOf({ a: 1, b: 1 }, { a: 2, b: 2 }, { a: 3, b: 3, c: 3 })

  test('may return a document, and the decisions are found', () => {
    const own = strategy('mine', ({ local, remote }) => ({ ...remote, a: local.a ?? null, b: 9 }))
    expect(own.resolve(conflict)).toEqual({
      value: { id: 'x', a: 2, b: 9, c: 3 },
      decisions: [
        { path: ['a'], chosen: 'local', why: 'mine' },
        { path: ['b'], chosen: 'merged', why: 'mine' },
        { path: ['c'], chosen: 'remote', why: 'mine' },
      ],
    })
  })

  test('may return a resolution or defer', () => {
    const whole = { value: conflict.local, decisions: [] }
    expect(strategy('whole', () => whole).resolve(conflict)).toBe(whole)
    expect(strategy('later', () => ({ defer: 'later' })).resolve(conflict)).toEqual({ defer: 'later' })
  })

  test('cannot change what it was given', () => {
    const hostile = strategy('hostile', ({ local }) => Object.assign(local, { a: 0 }))
    expect(() => hostile.resolve(conflict)).toThrow(TypeError)
    expect(conflict.local).toEqual({ id: 'x', a: 2, b: 2 })
  })
})
