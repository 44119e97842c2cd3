import { MAX_ENTRIES_BYTES } from '../log-item.ts'
import { MAX_TRANSACTION_BYTES, type Unit } from './unit.ts'

/**
 * Takes from the queue what goes into the next transaction: in order, within its limits, no
 * document twice. A unit waits behind an earlier one that shares a document with it.
 */
export function takeBatch(
  queue: readonly Unit[],
  limits: { readonly documents: number },
): { batch: Unit[]; rest: Unit[] } {
  const batch: Unit[] = []
  const rest: Unit[] = []
  const taken = new Set<string>()
  let documents = 0
  let bytes = 0
  let entryBytes = 0
  let full = false
  for (const unit of queue) {
    const keys = unit.slots.map((slot) => slot[0].key)
    const fits =
      documents + keys.length <= limits.documents &&
      bytes + unit.bytes <= MAX_TRANSACTION_BYTES &&
      entryBytes + unit.entryBytes <= MAX_ENTRIES_BYTES
    // A lone unit always goes: its own limits were checked when it was planned.
    if (!fits && batch.length > 0) full = true
    if (full || keys.some((key) => taken.has(key))) rest.push(unit)
    else {
      batch.push(unit)
      documents += keys.length
      bytes += unit.bytes
      entryBytes += unit.entryBytes
    }
    for (const key of keys) taken.add(key)
  }
  return { batch, rest }
}
