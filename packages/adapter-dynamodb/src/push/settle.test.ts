import { expect, test } from 'vitest'
import type { Prepared } from './prepare.ts'
import { settle } from './settle.ts'
import { type Slot, unitOf } from './unit.ts'

const slotOf = (index: number): Slot => [
  { index, mutation: { id: `m${index}` }, bytes: 1, entryBytes: 1 } as unknown as Prepared,
]
const standing = (...recent: string[]) => ({ current: { rev: 'r', hlc: 'h', value: null, recent } as never })

const [stands, lost, fresh, busy] = [slotOf(0), slotOf(1), slotOf(2), slotOf(3)] as [Slot, Slot, Slot, Slot]
const refusals = new Map([
  [stands, standing('m0')],
  [lost, standing('other')],
])

test('where a member of a group is in conflict, what stands is a duplicate and the rest waits', () => {
  const { outcomes, again } = settle(unitOf('g', [stands, lost, fresh]), refusals, new Set())
  expect(again).toBeNull()
  expect(outcomes.map(([index, { kind }]) => [index, kind])).toEqual([
    [0, 'duplicate'],
    [1, 'conflict'],
    [2, 'retry'],
  ])
})

test('a group is not decided while another transaction hides whether one of its members stands', () => {
  const unit = unitOf('g', [stands, lost, busy])
  expect(settle(unit, refusals, new Set([busy]))).toEqual({ outcomes: [], again: unit })
})
