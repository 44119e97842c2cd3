import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Change, Mutation } from '../model/mutation.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import {
  decodeLedger,
  decodeLog,
  decodePage,
  encodeLedger,
  encodeLog,
  encodePages,
  LOG_CHARS,
  PAGE_CHARS,
  PAGE_ROWS,
} from './records.ts'

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

test('every kind of ledger entry is read as it was written', () => {
  const located = { collection: 'notes', documentId: 'd' }
  const version = { rev: 'r', hlc: 'h', value: { id: 'd' } }
  const short = { id: 'm1', hlc: 'h1', base: null }
  const entries = ['m1', 'm2'].flatMap((first): LedgerEntry[] => {
    const ids = [first, 'm3']
    const settled = { kind: 'settled', ...located, ids, how: 'applied' } as const
    const frozen = { kind: 'frozen', ...located, ids } as const
    return [
      settled,
      { ...settled, how: 'discarded' },
      { ...settled, rev: 'm1', hlc: 'h1' },
      { ...settled, rev: 'm1', hlc: 'h1', value: null },
      { ...settled, rev: 'm1', hlc: 'h1', value: { id: 'd' } },
      { ...settled, rev: 'm1', hlc: 'h1', decisions: [{ path: [], chosen: 'local', why: 'w' }] },
      { ...frozen, sent: short },
      { ...frozen, sent: { ...short, base: 'r0', group: 'g' } },
      { ...frozen, sent: { ...short, ...located, value: null } },
      { ...frozen, sent: { ...short, ...located, value: { id: 'd' }, fields: ['a'] } },
      { kind: 'thawed', ...located },
      { kind: 'thawed', ...located, next: 'm4' },
      { kind: 'stands', ...located, on: 'base' },
      { kind: 'stands', ...located, on: version, upTo: 'm1' },
      { kind: 'failed', ...located, ids, failure: { reason: 'refused', at: 1 } },
      { kind: 'revived', ...located },
      { kind: 'gone', ids },
      { kind: 'forgotten', ...located, since: 3 },
      { kind: 'carried', ...located, mutation: { ...short, ...located, change: { kind: 'delete' } } },
    ]
  })
  const [record] = encodeLedger(entries)
  expect(decodeLedger(record?.text, 'ledger')).toEqual(entries)
})

test('what freezes and settles a plain creation is short', () => {
  const id = '0'.repeat(34)
  const located = { collection: 'notes', documentId: 'd' }
  const ids = [id]
  const [record] = encodeLedger([
    { kind: 'frozen', ...located, ids, sent: { id, hlc: 'h', base: null } },
    { kind: 'settled', ...located, ids, how: 'applied', rev: id, hlc: 'h' },
  ])
  expect(record?.text.split(id)).toHaveLength(3)
  expect(record?.text.length).toBeLessThan(2 * 80)
})

test.each([
  ['nothing', undefined],
  ['what is no JSON', '[['],
  ['what is no list', '{}'],
  ['a row that is none', '[null]'],
  [
    'a run that goes on after its moment',
    JSON.stringify([['m', `000000000001-ffff-${'a'.repeat(16)}`, 'notes', null, [{ id: 'a' }, { id: 'b' }]]]),
  ],
])('a log record that is %s is corrupt', (_what, text) => {
  expect(() => decodeLog(text, 'w/1')).toThrow(
    expect.objectContaining({ code: 'store_corrupt', details: { key: 'w/1' } }),
  )
})

test.each([
  ['a list of no known kind', '[["x","notes","d",["m"],"applied"]]'],
  ['an empty list', '[[]]'],
])('a ledger record with %s is corrupt, and settles nothing', (_what, text) => {
  expect(() => decodeLedger(text, 's/1')).toThrow(
    expect.objectContaining({ code: 'store_corrupt', details: { key: 's/1' } }),
  )
})
