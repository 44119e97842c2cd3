import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { documents, hlcs } from '../../test/conflicts.ts'
import type { ConflictStrategy, DeleteRule } from '../contracts/conflict-strategy.ts'
import type { Document, Version } from '../model/document.ts'
import { askUser } from './ask-user.ts'
import { strategy } from './own-strategy.ts'
import { type ConflictToSettle, settleConflict } from './settle.ts'
import { threeWay } from './three-way.ts'

const EARLY = '000000000001-0000-aaaaaaaaaaaaaaaa'
const LATE = '000000000002-0000-aaaaaaaaaaaaaaaa'
const A = { id: 'x', n: 1 }
const B = { id: 'x', n: 2 }

const version = (rev: string, value: Document | null, hlc = EARLY): Version => ({ rev, hlc, value })

function conflict(parts: Partial<ConflictToSettle>): ConflictToSettle {
  return {
    collection: 'things',
    id: 'x',
    base: version('r0', { id: 'x', n: 0 }),
    local: { value: A, hlc: LATE },
    remote: version('r1', B),
    strategy: threeWay(),
    deletes: 'deleteWins',
    ...parts,
  }
}

describe('deletions', () => {
  const local = { value: null, hlc: LATE }
  const remote = version('r1', null)
  const value = (document: Document | null, chosen: string, why: string) => ({
    kind: 'value',
    value: document,
    decisions: [{ path: [], chosen, why }],
  })
  const deferred = (reason: string) => ({ kind: 'deferred', reason })

  test.each<[DeleteRule, object]>([
    ['deleteWins', value(null, 'local', 'delete wins')],
    ['editWins', value(B, 'remote', 'edit wins')],
    ['ask', deferred('deleted here, edited at the remote')],
  ])('deleted here, edited there, %s', (deletes, expected) => {
    expect(settleConflict(conflict({ local, deletes }))).toEqual(expected)
  })

  test.each<[DeleteRule, object]>([
    ['deleteWins', value(null, 'remote', 'delete wins')],
    ['editWins', value(A, 'local', 'edit wins')],
    ['ask', deferred('edited here, deleted at the remote')],
  ])('edited here, deleted there, %s', (deletes, expected) => {
    expect(settleConflict(conflict({ remote, deletes }))).toEqual(expected)
  })

  test.each<[DeleteRule]>([['deleteWins'], ['editWins'], ['ask']])(
    'need no rule when both deleted, or when one created after the deletion: %s',
    (deletes) => {
      const both = value(null, 'merged', 'deleted on both sides')
      const created = value(A, 'local', 'created after the deletion')
      expect(settleConflict(conflict({ local, remote, deletes }))).toEqual(both)
      expect(settleConflict(conflict({ base: null, remote, deletes }))).toEqual(created)
      const tombstone = version('r0', null)
      expect(settleConflict(conflict({ base: tombstone, remote, deletes }))).toEqual(created)
    },
  )

  test('a base that was a tombstone is no base for the strategy', () => {
    const seen: unknown[] = []
    const spy = strategy('spy', ({ base, remote: current }) => {
      seen.push(base)
      return current
    })
    settleConflict(conflict({ base: version('r0', null), strategy: spy }))
    settleConflict(conflict({ base: null, strategy: spy }))
    expect(seen).toEqual([null, null])
  })
})

test('where the remote still holds the base, there is no conflict and the local side stands', () => {
  const base = version('r1', B)
  const unasked = strategy('unasked', () => {
    throw new Error('asked')
  })
  for (const value of [A, null]) {
    const settled = settleConflict(
      conflict({ base, local: { value, hlc: LATE }, strategy: unasked, deletes: 'ask' }),
    )
    expect(settled).toMatchObject({ kind: 'value', value })
  }
})

test('where the remote holds another document under the revision of the base, both sides are merged', () => {
  const base = version('r1', { id: 'x', n: 0 })
  const remote = version('r1', { id: 'x', n: 0, tag: 'new' }, LATE)
  expect(settleConflict(conflict({ base, remote }))).toMatchObject({ value: { ...A, tag: 'new' } })
})

test('equal sides are settled without the strategy', () => {
  const settled = settleConflict(conflict({ remote: version('r1', { ...A }), strategy: askUser() }))
  expect(settled).toMatchObject({ kind: 'value', value: A })
})

test('the strategy gets both clocks, and its deferral its reason', () => {
  expect(settleConflict(conflict({}))).toMatchObject({ value: A, decisions: [{ path: ['n'], why: 'newer' }] })
  expect(settleConflict(conflict({ strategy: askUser('why') }))).toEqual({ kind: 'deferred', reason: 'why' })
})

describe('a strategy that breaks its contract defers the conflict', () => {
  const resolving = (resolution: unknown): ConflictStrategy => ({
    specVersion: 1,
    name: 'broken',
    resolve: () => resolution as never,
  })
  const cyclic: Record<string, unknown> = { id: 'x' }
  cyclic.self = cyclic

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /no resolution/],
    ['a promise', Promise.resolve(A), /no resolution/],
    ['no decisions', { value: A }, /decisions/],
    ['malformed decisions', { value: { ...A }, decisions: [{ path: 'n' }] }, /decisions/],
    ['another id', { value: { ...A, id: 'y' }, decisions: [] }, /the id/],
    ['no id', { value: { n: 1 }, decisions: [] }, /invalid_id/],
    ['null', { value: null, decisions: [] }, /invalid_document/],
    ['a list', { value: [], decisions: [] }, /invalid_document/],
    ['a date', { value: { ...A, at: new Date() }, decisions: [] }, /invalid_value/],
    ['an undefined field', { value: { ...A, at: undefined }, decisions: [] }, /invalid_value/],
    ['a cycle', { value: cyclic, decisions: [] }, /invalid_value/],
    ['a forbidden key', { value: JSON.parse('{"id":"x","__proto__":{}}'), decisions: [] }, /forbidden_key/],
  ])('%s', (_title, resolution, reason) => {
    const settled = settleConflict(conflict({ strategy: resolving(resolution) }))
    expect(settled).toMatchObject({ kind: 'deferred', reason: expect.stringMatching(/^strategy_failed: /) })
    expect(settled).toMatchObject({ reason: expect.stringMatching(reason) })
  })

  test('an exception: its text stays out of the reason, the exception itself is at hand', () => {
    const cause = new Error('hunter2')
    const broken = strategy('broken', () => {
      throw cause
    })
    const settled = settleConflict(conflict({ strategy: broken }))
    expect(settled).toEqual({
      kind: 'deferred',
      reason: 'strategy_failed: "broken" cannot settle this: it threw',
      cause,
    })
  })

  test('a forbidden key in a remote document does not get through a merge', () => {
    const hostile = JSON.parse('{"id":"x","n":0,"__proto__":{"admin":true}}')
    const settled = settleConflict(conflict({ remote: version('r1', hostile) }))
    expect(settled).toMatchObject({
      kind: 'deferred',
      reason: expect.stringMatching(/^strategy_failed: .*forbidden_key/),
    })
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })
})

test('what a strategy keeps a hand on does not reach into the settled document', () => {
  const kept = { id: 'x', list: [1] }
  const settled = settleConflict(conflict({ strategy: strategy('keeps', () => kept) }))
  kept.list.push(2)
  expect(settled).toMatchObject({ value: { id: 'x', list: [1] } })
})

test('settling is the same every time, and settling the outcome against the same remote is a no-op', () => {
  const sides = fc.record({
    base: fc.option(documents),
    local: fc.option(documents),
    remote: fc.option(documents),
    deletes: fc.constantFrom<DeleteRule>('deleteWins', 'editWins'),
    localHlc: hlcs,
    remoteHlc: hlcs,
  })
  fc.assert(
    fc.property(sides, ({ base, local, remote, deletes, localHlc, remoteHlc }) => {
      const input = conflict({
        base: base && version('r0', base),
        local: { value: local, hlc: localHlc },
        remote: version('r1', remote, remoteHlc),
        deletes,
      })
      const first = settleConflict(input)
      expect(settleConflict(input)).toEqual(first)
      if (first.kind !== 'value') throw new Error('deferred')
      const again = settleConflict({
        ...input,
        base: input.remote,
        local: { value: first.value, hlc: localHlc },
      })
      expect(again).toMatchObject({ kind: 'value', value: first.value })
      const twice = settleConflict({ ...input, local: { value: first.value, hlc: localHlc } })
      expect(twice).toMatchObject({ kind: 'value' })
      if (twice.kind === 'value') expect(twice.value).toEqual(first.value)
    }),
  )
})
