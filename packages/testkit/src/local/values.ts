import type { StoreValue } from '@holdfast/core'
import { check, checkEqual, checkFails } from '../suite/check.ts'
import { ALL, type LocalCase } from './local-case.ts'

const MEGABYTE = 1024 * 1024
const REFUSES_BYTES = 'A store that declares binary: false refuses bytes.'

export const valueCases: readonly LocalCase[] = [
  {
    id: 'text-fidelity',
    title: 'text comes back as it was: empty, control characters, quotes, every plane',
    async run(t) {
      const store = await t.open()
      const texts = [
        '',
        ' ',
        '\n\r\t',
        '\u0000',
        'a\u0000b',
        '"\\\'',
        'null',
        'undefined',
        '{}',
        '\ufeffbom',
        'é',
        'e\u0301',
        '中文',
        '😀👩‍👩‍👧',
        '\u2028\u2029',
        '\uffff',
        ' padded ',
      ]
      await store.write({ put: texts.map((text, i) => [`k${i}`, text] as const) })
      checkEqual(
        await store.getMany(texts.map((_, i) => `k${i}`)),
        texts,
        'Store text unchanged: no trimming, no normalisation, no cut at U+0000.',
      )
    },
  },
  {
    id: 'key-fidelity',
    title: 'keys that look alike stay apart',
    async run(t) {
      const store = await t.open()
      const keys = [
        'a',
        'A',
        'a ',
        'a\u0000',
        'é',
        'e\u0301',
        '1',
        '01',
        '1.0',
        'a/b',
        'a%2Fb',
        'a:b',
        'null',
        '__proto__',
        'constructor',
        'toString',
        'length',
      ]
      await store.write({ put: keys.map((key) => [key, `of ${key}`] as const) })
      checkEqual(
        await store.getMany(keys),
        keys.map((key) => `of ${key}`),
        'Keys are compared exactly: no case folding, no normalisation, no coercion, no object with a prototype behind them.',
      )
      checkEqual(
        (await store.scan(ALL)).map(([key]) => key),
        [...keys].sort(),
        'Keys come back as they were given.',
      )
    },
  },
  {
    id: 'big-value',
    title: 'a value of one megabyte comes back whole',
    async run(t) {
      const store = await t.open()
      const big = 'ä0123456'.repeat(MEGABYTE / 9)
      await store.write({
        put: [
          ['big', big],
          ['small', 's'],
        ],
      })
      check(
        store.capabilities.maxValueBytes >= MEGABYTE,
        'maxValueBytes must be at least 1 MB: the log writes records of up to 256 KB, and larger ones for large documents.',
      )
      const [value, small] = await store.getMany(['big', 'small'])
      check(value === big && small === 's', 'A value of 1 MB must come back unchanged.')
    },
  },
  {
    id: 'value-limit',
    title: 'a value above the declared limit is refused, with its batch',
    requires: ['reachable maxValueBytes'],
    async run(t) {
      const store = await t.open()
      const { maxValueBytes } = store.capabilities
      const over = ['x'.repeat(maxValueBytes + 1), 'ä'.repeat(Math.floor(maxValueBytes / 2) + 1)]
      for (const big of over) {
        await checkFails(
          store.write({
            put: [
              ['a', '1'],
              ['big', big],
            ],
          }),
          'invalid_value',
          'A value above maxValueBytes, in UTF-8, never fits: refuse it with `invalid_value`, before its batch begins. `store_full` says that it will fit when there is space.',
        )
      }
      checkEqual(
        await store.scan(ALL),
        [],
        'The batch with a value over the limit must leave nothing behind.',
      )
    },
  },
  {
    id: 'value-limit-far',
    title: 'where the declared limit is large, a value of four megabytes comes back whole',
    requires: ['no reachable maxValueBytes'],
    async run(t) {
      const store = await t.open()
      const big = 'x'.repeat(4 * MEGABYTE)
      await store.write({ put: [['big', big]] })
      check((await store.getMany(['big']))[0] === big, 'A value under maxValueBytes must come back whole.')
    },
  },
  {
    id: 'binary',
    title: 'bytes come back equal',
    requires: ['binary'],
    async run(t) {
      const store = await t.open()
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
      await store.write({
        put: [
          ['before', 'x'],
          ['bytes', bytes],
        ],
      })
      const [stored] = await store.getMany(['bytes'])
      check(stored instanceof Uint8Array, 'Bytes must come back as a Uint8Array.')
      checkEqual(stored, bytes, 'Bytes must come back equal.')
    },
  },
  {
    id: 'binary-views',
    title: 'a view stores its own bytes only, and later changes to them do not reach the store',
    requires: ['binary'],
    async run(t) {
      const store = await t.open()
      const view = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]).subarray(2, 5)
      const empty = new Uint8Array(0)
      await store.write({
        put: [
          ['view', view],
          ['empty', empty],
        ],
      })
      view.fill(99)
      const expected: StoreValue[] = [Uint8Array.from([2, 3, 4]), empty]
      checkEqual(
        await store.getMany(['view', 'empty']),
        expected,
        'Copy what the view shows, not its whole buffer, and keep the copy, not the view; empty bytes are a value.',
      )
      for (const [, value] of await store.scan(ALL)) if (value instanceof Uint8Array) value.fill(77)
      checkEqual(
        await store.getMany(['view', 'empty']),
        expected,
        'Bytes that a read returned are a copy: changing them must not reach the store.',
      )
    },
  },
  {
    id: 'replace-kind',
    title: 'text can replace bytes and bytes text',
    requires: ['binary'],
    async run(t) {
      const store = await t.open()
      await store.write({
        put: [
          ['a', 'text'],
          ['b', Uint8Array.of(1)],
        ],
      })
      await store.write({
        put: [
          ['a', Uint8Array.of(2)],
          ['b', 'text'],
        ],
      })
      checkEqual(
        await store.getMany(['a', 'b']),
        [Uint8Array.of(2), 'text'],
        'A key is not bound to the kind of its first value.',
      )
    },
  },
  {
    id: 'binary-undeclared',
    title: 'bytes are refused where they are not declared, and so is what is empty or a view',
    requires: ['no binary'],
    async run(t) {
      const store = await t.open()
      for (const bytes of [
        Uint8Array.of(1, 2),
        new Uint8Array(0),
        Uint8Array.of(0, 1, 2, 3).subarray(1, 3),
      ]) {
        const put: [string, StoreValue][] = [
          ['before', 'x'],
          ['bytes', bytes],
        ]
        await checkFails(store.write({ put }), 'invalid_value', REFUSES_BYTES)
      }
      checkEqual(await store.scan(ALL), [], 'The refused batch must leave nothing behind.')
    },
  },
  {
    id: 'binary-undeclared-keeps-text',
    title: 'bytes that are refused leave the text that they were to replace',
    requires: ['no binary'],
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', 'text']] })
      await checkFails(store.write({ put: [['a', Uint8Array.of(2)]] }), 'invalid_value', REFUSES_BYTES)
      checkEqual(await store.getMany(['a']), ['text'], 'Refused bytes must change nothing.')
    },
  },
]
