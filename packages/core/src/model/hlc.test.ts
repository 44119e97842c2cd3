import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatHlc, isHlc, parseHlc, successorOf } from './hlc.ts'

const hlcs = fc.record({
  wall: fc.integer({ min: 0, max: 2 ** 48 - 2 }),
  counter: fc.integer({ min: 0, max: 0xffff }),
  replica: fc.stringMatching(/^[0-9a-f]{16}$/),
})

test('text order is time order, and parts survive the text', () => {
  fc.assert(
    fc.property(hlcs, hlcs, (a, b) => {
      expect(parseHlc(formatHlc(a))).toEqual(a)
      expect(isHlc(formatHlc(a))).toBe(true)
      const inTime =
        a.wall - b.wall ||
        a.counter - b.counter ||
        (a.replica < b.replica ? -1 : Number(a.replica > b.replica))
      const inText = formatHlc(a) < formatHlc(b) ? -1 : Number(formatHlc(a) > formatHlc(b))
      expect(Math.sign(inTime)).toBe(inText)
    }),
  )
})

test('a successor is greater, also for a smaller replica and at the end of the counter', () => {
  fc.assert(
    fc.property(hlcs, (a) => {
      expect(successorOf(formatHlc(a), '0000000000000000') > formatHlc(a)).toBe(true)
    }),
  )
})
