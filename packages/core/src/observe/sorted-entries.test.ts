import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareText, compareValues } from './order.ts'
import { FULL } from './sorted-block.ts'
import { type Entry, SortedEntries } from './sorted-entries.ts'

const entry = (number: number): Entry => ({ key: number % 97, ref: { id: `d${number}` } })
const textOf = ({ key, ref }: Entry) => `${String(key)} ${ref.id}`

function sorted(numbers: Iterable<number>): string[] {
  return [...numbers]
    .map(entry)
    .sort((a, b) => compareValues(a.key, b.key) || compareText(a.ref.id, b.ref.id))
    .map(textOf)
}

function contentOf(entries: SortedEntries): string[] {
  return Array.from({ length: entries.size }, (_, at) =>
    textOf({ key: entries.keyAt(at), ref: entries.refAt(at) }),
  )
}

const someNumbers = fc.uniqueArray(fc.nat(8 * FULL), { minLength: 1, maxLength: 400 })
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), numbers: someNumbers }),
  fc.record({ kind: fc.constant('remove' as const), numbers: someNumbers }),
  fc.record({ kind: fc.constant('replaceMany' as const), numbers: someNumbers }),
)

test('holds what a sorted list holds, over many blocks', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), (steps, startsFull) => {
      const known = new Set(startsFull ? Array.from({ length: 5 * FULL }, (_, n) => n) : [])
      const entries = new SortedEntries()
      entries.replaceMany([], [...known].map(entry))
      for (const { kind, numbers } of steps) {
        if (kind === 'replaceMany') {
          const removed = numbers.filter((number) => known.has(number))
          const added = numbers.filter((number) => !known.has(number))
          expect(entries.replaceMany(removed.map(entry), added.map(entry))).toBe(true)
          for (const number of removed) known.delete(number)
          for (const number of added) known.add(number)
          continue
        }
        for (const number of numbers) {
          const { key, ref } = entry(number)
          if (kind === 'put') entries.put(key, ref)
          else expect(entries.remove(key, ref.id)).toBe(known.has(number))
          if (kind === 'put') known.add(number)
          else known.delete(number)
        }
      }
      expect(contentOf(entries)).toEqual(sorted(known))
    }),
    { numRuns: 40 },
  )
})

test('can be read at any position right after a change', () => {
  const entries = new SortedEntries()
  const known = new Set<number>()
  for (let number = 0; number < 4 * FULL; number++) {
    entries.put(entry(number).key, entry(number).ref)
    known.add(number)
    expect(entries.keyAt(entries.size - 1)).toBe(Math.min(number, 96))
    expect(entries.keyAt(0)).toBe(0)
  }
  expect(contentOf(entries)).toEqual(sorted(known))
})

test('tells that an entry to remove was not there, or one to add was', () => {
  const entries = new SortedEntries()
  expect(
    entries.replaceMany(
      [],
      Array.from({ length: 3 * FULL }, (_, n) => entry(n)),
    ),
  ).toBe(true)
  expect(entries.replaceMany([], [entry(FULL)])).toBe(false)
  expect(entries.replaceMany([entry(9 * FULL)], [])).toBe(false)
})
