import { formatHlc } from '@holdfast/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatVersion, parseDocument, versionsOf } from './document-item.ts'

const revs = fc.oneof(
  fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' }),
  fc.constantFrom('1', '11', '1 1', '1 1 1', ' ', '2 1', 'a', 'a b', 'a b c', 'ab'),
)
const hlcs = fc
  .record({ wall: fc.nat({ max: 2 ** 40 }), counter: fc.nat({ max: 65_535 }) })
  .map((parts) => formatHlc({ ...parts, replica: 'a'.repeat(16) }))
const numbers = fc.maxSafeNat()
const bodies = { deleted: { BOOL: true } }

test('a version survives its text, whatever its revision', () => {
  fc.assert(
    fc.property(revs, hlcs, numbers, (rev, hlc, number) => {
      const v = { S: formatVersion(rev, hlc, number) }
      expect(parseDocument({ v, ...bodies })).toEqual({ rev, hlc, number, recent: [rev], value: null })
    }),
  )
})

test('a version begins as those of its own revision do, and as no other', () => {
  fc.assert(
    fc.property(revs, revs, hlcs, numbers, (rev, other, hlc, number) => {
      expect(formatVersion(rev, hlc, number).startsWith(versionsOf(other))).toBe(rev === other)
    }),
  )
})

test('among versions of one revision, those with an earlier timestamp are less than a timestamp, and no others', () => {
  fc.assert(
    fc.property(revs, hlcs, hlcs, numbers, (rev, hlc, first, number) => {
      // As DynamoDB compares texts.
      const [v, bound] = [formatVersion(rev, hlc, number), versionsOf(rev) + first].map((text) =>
        Buffer.from(text),
      )
      expect(Buffer.compare(v as Buffer, bound as Buffer) < 0).toBe(hlc < first)
    }),
  )
})

test('the ids before the revision are told oldest first, without those that an update shifted from nowhere', () => {
  const v = { S: formatVersion('d', formatHlc({ wall: 1, counter: 0, replica: 'a'.repeat(16) }), 7) }
  const item = { v, r1: { S: 'c' }, r2: { S: 'b' }, r3: { S: 'a' }, r4: { S: '' }, ...bodies }
  expect(parseDocument(item).recent).toEqual(['a', 'b', 'c', 'd'])
})

test.each(['', 'x', '1 a', '1 a h', '1 a h x', '1 a h 1 2', '-1 a h 1', '1 a  1'])(
  '%o is no version',
  (text) => {
    expect(() => parseDocument({ v: { S: text }, ...bodies })).toThrow(
      expect.objectContaining({ code: 'protocol' }),
    )
  },
)
