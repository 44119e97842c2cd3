import { check, checkEqual } from '../suite/check.ts'
import { ALL, keysOf, type LocalCase } from './local-case.ts'

/* Keys whose order in UTF-16 code units differs from UTF-8, from locales, and from numbers. */
const HARD_KEYS = [
  '',
  '!',
  '0',
  '10',
  '9',
  'A',
  'B',
  'Z',
  '_',
  'a',
  'aa',
  'b',
  'z',
  '~',
  'é',
  'ß',
  'Ω',
  '中',
  '😀',
  '\ue000',
  '\uffee',
]

export const readingCases: readonly LocalCase[] = [
  {
    id: 'empty-store',
    title: 'a new database has no entry',
    async run(t) {
      const store = await t.open()
      checkEqual(await store.scan(ALL), [], 'A new database must be empty.')
      checkEqual(await store.getMany(['a']), [undefined], 'A key without a value reads as undefined.')
    },
  },
  {
    id: 'get-many-order',
    title: 'getMany answers in the order of the keys asked for, with undefined in the gaps',
    async run(t) {
      const store = await t.open()
      await store.write({
        put: [
          ['a', '1'],
          ['b', '2'],
          ['c', '3'],
        ],
      })
      checkEqual(
        await store.getMany(['c', 'x', 'a', 'c']),
        ['3', undefined, '1', '3'],
        'getMany must return one value for each key asked for, in that order, repeated keys too.',
      )
      checkEqual(await store.getMany([]), [], 'getMany of no key is an empty list.')
    },
  },
  {
    id: 'key-order',
    title: 'keys come in the order of their UTF-16 code units',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [...HARD_KEYS].reverse().map((key) => [key, `v${key}`] as const) })
      checkEqual(
        await keysOf(store),
        [...HARD_KEYS].sort(),
        'Order keys by UTF-16 code units, as `<` on strings does: surrogate pairs stand before U+E000. UTF-8 bytes, locales and numbers order otherwise.',
      )
    },
  },
  {
    id: 'surrogate-range',
    title: 'range bounds follow UTF-16 order around surrogate pairs',
    async run(t) {
      const store = await t.open()
      await store.write({
        put: [
          ['\ud7ff', '1'],
          ['😀', '2'],
          ['\ue000', '3'],
          ['\uffee', '4'],
        ],
      })
      const found = await store.scan({ from: '\ud7ff', to: '\ue000' })
      checkEqual(
        found.map(([key]) => key),
        ['\ud7ff', '😀'],
        'Compare range bounds in UTF-16 code units, not in UTF-8 bytes or code points.',
      )
      await store.write({ deleteRanges: [{ from: '😀', to: '\uffee' }] })
      checkEqual(
        await keysOf(store),
        ['\ud7ff', '\uffee'],
        'deleteRanges must use the same key order as scan.',
      )
    },
  },
  {
    id: 'empty-key',
    title: 'the empty string is a key like any other, and the first',
    async run(t) {
      const store = await t.open()
      await store.write({
        put: [
          ['', 'nothing'],
          ['a', '1'],
        ],
      })
      checkEqual(await store.getMany(['']), ['nothing'], 'The empty string must be usable as a key.')
      checkEqual(
        await store.scan({ from: '', to: 'a' }),
        [['', 'nothing']],
        'The empty key stands before all others.',
      )
      await store.write({ delete: [''] })
      checkEqual(await keysOf(store), ['a'], 'The empty key must be deletable.')
    },
  },
  {
    id: 'results-are-copies',
    title: 'what a read returned does not change with later writes, and changing it changes nothing',
    async run(t) {
      const store = await t.open()
      await store.write({
        put: [
          ['a', '1'],
          ['b', '2'],
        ],
      })
      const before = await store.scan(ALL)
      await store.write({ put: [['a', '9']], delete: ['b'] })
      checkEqual(
        before,
        [
          ['a', '1'],
          ['b', '2'],
        ],
        'A result is a copy of the state that was read.',
      )
      before.length = 0
      checkEqual(await store.scan(ALL), [['a', '9']], 'Changing a result must not reach the store.')
    },
  },
  {
    id: 'many-keys',
    title: 'two thousand keys in one batch are all there, in order',
    async run(t) {
      const store = await t.open()
      const keys = Array.from({ length: 2_000 }, (_, i) => `n${String(i).padStart(5, '0')}`)
      await store.write({ put: keys.map((key) => [key, `value of ${key}`] as const) })
      checkEqual(
        await keysOf(store),
        keys,
        'A batch has no limit on its number of keys: split what the platform cannot bind, inside one transaction.',
      )
      const values = await store.getMany(keys)
      check(
        values.every((value, i) => value === `value of ${keys[i]}`),
        'getMany has no limit on its number of keys either.',
      )
      await store.write({ delete: keys })
      checkEqual(await keysOf(store), [], 'Deleting two thousand keys in one batch must delete them all.')
    },
  },
]
