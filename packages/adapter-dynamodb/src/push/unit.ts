import type { PushMutation, PushOutcome } from '@holdfast/core'
import { MAX_DOCUMENTS } from '../log-item.ts'
import { isPrepared, type Prepared, rejected } from './prepare.ts'

/** All that one transaction does to one document: usually one mutation, in a group a chain of them. */
export type Slot = readonly [Prepared, ...Prepared[]]

/** What takes effect together or not at all. */
export interface Unit {
  readonly group: string | null
  readonly slots: readonly Slot[]
  readonly bytes: number
  readonly entryBytes: number
}

/** DynamoDB allows 4 MB; the rest is room for the head, keys and expressions. */
export const MAX_TRANSACTION_BYTES = 4_000_000

/** Units in the order of their first mutation; mutations of one group stand together in one. */
export function planUnits(prepared: readonly Prepared[]): Unit[] {
  const members = new Map<string | number, Prepared[]>()
  for (const each of prepared) {
    const name = each.mutation.group ?? each.index
    const before = members.get(name)
    if (before === undefined) members.set(name, [each])
    else before.push(each)
  }
  return [...members].map(([name, all]) => unitOf(typeof name === 'string' ? name : null, slotsOf(all)))
}

export function unitOf(group: string | null, slots: readonly Slot[]): Unit {
  let bytes = 0
  let entryBytes = 0
  for (const slot of slots) {
    bytes += lastOf(slot).bytes
    entryBytes += lastOf(slot).entryBytes
  }
  return { group, slots, bytes, entryBytes }
}

function slotsOf(all: readonly Prepared[]): Slot[] {
  const slots = new Map<string, [Prepared, ...Prepared[]]>()
  for (const each of all) {
    const slot = slots.get(each.key)
    if (slot === undefined) slots.set(each.key, [each])
    else slot.push(each)
  }
  return [...slots.values()]
}

/** The mutation whose version stands when the slot took effect. */
export function lastOf(slot: Slot): Prepared {
  return slot[slot.length - 1] ?? slot[0]
}

/** Why a unit can never be sent, or null. */
export function refusalOf(unit: Unit): PushOutcome | null {
  if (unit.slots.length > MAX_DOCUMENTS) {
    return rejected('group_too_large', `A group changes at most ${MAX_DOCUMENTS} documents.`)
  }
  if (unit.bytes > MAX_TRANSACTION_BYTES) {
    return rejected('group_too_large', `A group takes at most ${MAX_TRANSACTION_BYTES} bytes.`)
  }
  for (const slot of unit.slots) {
    for (const [i, next] of slot.entries()) {
      const before = slot[i - 1]
      if (before === undefined) continue
      if (next.mutation.base !== before.mutation.id) {
        return rejected('invalid_group', 'Changes of one document in a group must stand on one another.')
      }
      if (next.mutation.hlc <= before.mutation.hlc)
        return rejected('hlc', 'The timestamps in a group must increase.')
    }
  }
  return null
}

/** Of a group of which another member did not take effect. */
export const WAITS_FOR_GROUP: PushOutcome = { kind: 'retry', after: 0, reason: 'group' }

/** Splits what was asked for into units and what is decided unsent. */
export function plan(
  all: readonly (Prepared | PushOutcome)[],
  mutations: readonly PushMutation[],
): { units: Unit[]; outcomes: Map<number, PushOutcome> } {
  const outcomes = new Map<number, PushOutcome>()
  const prepared: Prepared[] = []
  const fallen = new Set<string>()
  for (const [index, each] of all.entries()) {
    if (isPrepared(each)) prepared.push(each)
    else {
      outcomes.set(index, each)
      const group = mutations[index]?.group
      if (group !== undefined) fallen.add(group)
    }
  }
  const units: Unit[] = []
  for (const unit of planUnits(prepared)) {
    const waits = unit.group !== null && fallen.has(unit.group)
    const decided = waits ? WAITS_FOR_GROUP : refusalOf(unit)
    if (decided === null) units.push(unit)
    else for (const { index } of unit.slots.flat()) outcomes.set(index, decided)
  }
  return { units, outcomes }
}
