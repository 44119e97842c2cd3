import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Change, Mutation } from '../model/mutation.ts'
import { decodeLog, decodePage, encodeLog, encodePages, LOG_CHARS, PAGE_CHARS, PAGE_ROWS } from './records.ts'

/** Notes of any size: many that are small, some larger than a record. */
const sizes = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.nat(300) },
    { weight: 3, arbitrary: fc.nat(20_000) },
    { weight: 1, arbitrary: fc.nat(400_000) },
  ),
  { minLength: 1, maxLength: 2000, size: 'max' },
)

test('log records hold every mutation in order, and only a single one may be too large', () => {
  fc.assert(
    fc.property(sizes, (lengths) => {
      const mutations = lengths.map(
        (length, n): Mutation => ({
          id: `m${n}`,
          hlc: `h${n}`,
          collection: 'notes',
          documentId: `d${n}`,
          base: null,
          change: { kind: 'create', value: { id: `d${n}`, note: 'x'.repeat(length) } },
        }),
      )
      const records = encodeLog({ mutations, runs: [] })
      expect(records.flatMap(({ text }) => decodeLog(text, 'log'))).toEqual(mutations)
      for (const { text, count } of records) {
        expect(decodeLog(text, 'log')).toHaveLength(count)
        expect(count === 1 || text.length <= LOG_CHARS).toBe(true)
      }
    }),
    { numRuns: 25 },
  )
})

test('every kind of mutation is read as it was written', () => {
  const over = { rev: 'r1', hlc: 'h1', value: { id: 'd' } }
  const changes: Change[] = [
    { kind: 'create', value: { id: 'd', n: 1 } },
    { kind: 'create', value: { id: 'd', n: 1 }, over },
    { kind: 'create', value: { id: 'elsewhere' } },
    { kind: 'update', set: { n: 2 }, unset: ['m'], was: { n: 1, m: null } },
    { kind: 'delete' },
    { kind: 'delete', over },
  ]
  const mutations = changes.flatMap((change, n): Mutation[] => {
    const mutation = { id: `m${n}`, hlc: `h${n}`, collection: 'notes', documentId: 'd', base: null, change }
    return [mutation, { ...mutation, base: 'r0' }, { ...mutation, group: 'g' }]
  })
  const [record] = encodeLog({ mutations, runs: [] })
  expect(decodeLog(record?.text, 'log')).toEqual(mutations)
})

test('small rows before large ones do not make one text of many large ones', () => {
  const large = 'x'.repeat(100_000)
  const versions = Array.from({ length: 2200 }, (_, n) => ({
    collection: 'notes',
    id: `d${n}`,
    rev: `r${n}`,
    hlc: `h${n}`,
    value: { id: `d${n}`, note: n < 2000 ? '' : large },
  }))
  const made = vi.spyOn(JSON, 'stringify')
  const pages = encodePages(versions)
  const longest = Math.max(...made.mock.results.map(({ value }) => String(value).length))
  made.mockRestore()
  expect(pages.reduce((sum, { count }) => sum + count, 0)).toBe(versions.length)
  expect(longest).toBeLessThan(60 * large.length)
})

test('rows of one size fill records almost whole', () => {
  const versions = Array.from({ length: 5000 }, (_, n) => ({
    collection: 'notes',
    id: `d${n}`,
    rev: `r${n}`,
    hlc: `h${n}`,
    value: { id: `d${n}`, note: 'x'.repeat(600) },
  }))
  const pages = encodePages(versions)
  expect(pages.flatMap(({ text }) => decodePage(text, 'page'))).toEqual(versions)
  for (const { text, count } of pages.slice(0, -1)) {
    expect(count).toBeLessThanOrEqual(PAGE_ROWS)
    expect(text.length).toBeLessThanOrEqual(PAGE_CHARS)
    expect(text.length).toBeGreaterThan(0.9 * PAGE_CHARS)
  }
})
