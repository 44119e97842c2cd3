import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newPending, Row } from '../storage/row.ts'
import { type BatchLimits, Load } from './load.ts'
import type { Send } from './prepare.ts'

const limits: BatchLimits = {
  maxBatch: 120,
  maxUnit: 120,
  maxBatchBytes: 60_000,
  maxDocumentBytes: 20_000,
  atomicGroups: 30,
}

function sendOf(n: number, { length, group }: { length: number | null; group?: string }): Send {
  const row = new Row('notes', `n${n}`)
  row.pending = newPending()
  const value = length === null ? null : { id: row.id, note: 'ü'.repeat(length) }
  const sent = { id: `m${n}`, hlc: `h${n}`, collection: 'notes', documentId: row.id, base: null, value }
  return { kind: 'send', row, ids: [sent.id], sent: group ? { ...sent, group } : sent, frozen: false }
}

/** The same by the letter: each unit by itself, measured by itself. */
function loadedOneByOne(units: readonly (readonly Send[])[], { maxBatch, maxBatchBytes }: BatchLimits) {
  const sizeOf = ({ sent }: Send) =>
    sent.value === null ? 0 : new TextEncoder().encode(JSON.stringify(sent.value)).length
  const sends: Send[] = []
  const refused: string[] = []
  let bytes = 0
  for (const unit of units) {
    const sizes = unit.map(sizeOf)
    const isTooLarge = sizes.some((size) => size > limits.maxDocumentBytes)
    const isTooMany = unit.length > limits.atomicGroups && unit[0]?.sent.group !== undefined
    if (isTooLarge || isTooMany) {
      refused.push(...unit.map(({ row }) => `${row.id} ${isTooLarge ? 'too_large' : 'group_too_large'}`))
      continue
    }
    const size = sizes.reduce((sum, one) => sum + one + 256, 0)
    if (sends.length > 0 && (sends.length + unit.length > maxBatch || bytes + size > maxBatchBytes))
      return { sends, refused, isFull: true }
    sends.push(...unit)
    bytes += size
  }
  return { sends, refused, isFull: false }
}

const lengths = fc.oneof(
  { weight: 60, arbitrary: fc.nat(60) },
  { weight: 4, arbitrary: fc.nat(4000) },
  { weight: 2, arbitrary: fc.integer({ min: 9_900, max: 10_100 }) },
  { weight: 4, arbitrary: fc.constant(null) },
)
const plans = fc.record({
  maxBatch: fc.constantFrom(1, 40, 120),
  units: fc.array(
    fc.oneof(
      { weight: 30, arbitrary: fc.tuple(lengths) },
      { weight: 1, arbitrary: fc.array(lengths, { minLength: 2, maxLength: 40 }) },
    ),
    { maxLength: 300, size: 'max' },
  ),
})

test('a push holds what it would if each document were measured by itself', () => {
  fc.assert(
    fc.property(plans, ({ maxBatch, units: lengthsOf }) => {
      let n = 0
      const units = lengthsOf.map((unit, at) =>
        unit.map((length) => sendOf(n++, { length, ...(unit.length > 1 ? { group: `g${at}` } : {}) })),
      )
      const bounds = { ...limits, maxBatch }
      const load = new Load(bounds, 0)
      for (const unit of units) if (!load.add(unit)) break
      load.close()
      const expected = loadedOneByOne(units, bounds)
      expect(load.sends.map(({ row }) => row.id)).toEqual(expected.sends.map(({ row }) => row.id))
      expect(load.isFull).toBe(expected.isFull)
      const refused = load.refused.map((entry) =>
        entry.kind === 'failed' ? `${entry.documentId} ${entry.failure.reason}` : '',
      )
      expect(refused).toEqual(expected.refused)
    }),
    { numRuns: 200 },
  )
})
