import type { PushOutcome } from '@holdfast/core'
import type { StoredVersion } from '../document-item.ts'
import { type Prepared, rejected } from './prepare.ts'
import { type Slot, type Unit, unitOf, WAITS_FOR_GROUP } from './unit.ts'

/** Why a slot was refused: what stands there instead (null: nothing), or that its item is not valid. */
export type Refusal = { readonly current: StoredVersion | null } | { readonly invalid: true }

export interface Settled {
  readonly outcomes: readonly (readonly [index: number, outcome: PushOutcome])[]
  /** What still has to be sent, or null. */
  readonly again: Unit | null
}

/**
 * The slots of a group that falls of which no reason was told. DynamoDB does not promise to tell all
 * reasons: these may have been refused too, since they took effect before.
 */
export function untoldOf(
  unit: Unit,
  refusals: ReadonlyMap<Slot, Refusal>,
  unknown: ReadonlySet<Slot>,
): readonly Slot[] {
  const falls = unit.slots.some((slot) => {
    const refusal = refusals.get(slot)
    return refusal !== undefined && !slot.some((each) => isKnown(each, refusal))
  })
  if (unit.group === null || !falls || unit.slots.some((slot) => unknown.has(slot))) return []
  return unit.slots.filter((slot) => !refusals.has(slot))
}

/**
 * Decides a unit of a cancelled transaction, given the slots that were refused, and those that
 * another transaction was writing, of which nothing is known. A mutation that is found in `recent` took
 * effect before. A group waits or falls with its members, and so is decided only when all of them are known.
 */
export function settle(
  unit: Unit,
  refusals: ReadonlyMap<Slot, Refusal>,
  unknown: ReadonlySet<Slot>,
): Settled {
  if (unit.group !== null && unit.slots.some((slot) => unknown.has(slot)))
    return { outcomes: [], again: unit }
  const outcomes: [number, PushOutcome][] = []
  const open: Slot[] = []
  let fell = false
  for (const slot of unit.slots) {
    const refusal = refusals.get(slot)
    if (refusal === undefined) {
      open.push(slot)
      continue
    }
    const rest: Prepared[] = []
    for (const each of slot) {
      if (isKnown(each, refusal))
        outcomes.push([each.index, { kind: 'duplicate', current: versionOf(refusal) }])
      else rest.push(each)
    }
    const [first, ...more] = rest
    if (first === undefined) continue
    if (rest.length < slot.length) {
      open.push([first, ...more])
      continue
    }
    const verdict = verdictOf(refusal)
    fell = true
    for (const each of rest) outcomes.push([each.index, verdict])
  }
  if (unit.group === null || !fell) {
    return { outcomes, again: open.length === 0 ? null : unitOf(unit.group, open) }
  }
  for (const slot of open) for (const each of slot) outcomes.push([each.index, WAITS_FOR_GROUP])
  return { outcomes, again: null }
}

/** True if any of what the slot does was done. */
export function tookEffect(slot: Slot, current: StoredVersion): boolean {
  return slot.some((each) => isKnown(each, { current }))
}

type Standing = { readonly current: StoredVersion }

function isKnown(each: Prepared, refusal: Refusal): refusal is Standing {
  return 'current' in refusal && refusal.current !== null && refusal.current.recent.includes(each.mutation.id)
}

function verdictOf(refusal: Refusal): PushOutcome {
  if ('invalid' in refusal)
    return rejected('invalid_item', 'DynamoDB does not accept the document as an item.')
  const { current } = refusal
  return { kind: 'conflict', current: current === null ? null : versionOf({ current }) }
}

function versionOf({ current: { rev, hlc, value, recent } }: Standing) {
  return { rev, hlc, value, recent }
}
