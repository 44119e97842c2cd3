import { checkEqual } from '../suite/check.ts'
import { ALL, keysOf, type LocalCase } from './local-case.ts'

export const rangeCases: readonly LocalCase[] = [
  {
    id: 'range-bounds',
    title: 'a range includes `from` and excludes `to`',
    async run(t) {
      const store = await t.open()
      await store.write({ put: ['a', 'b', 'c', 'd'].map((key) => [key, key] as const) })
      checkEqual(
        await store.scan({ from: 'b', to: 'd' }),
        [
          ['b', 'b'],
          ['c', 'c'],
        ],
        'A range is from <= key < to.',
      )
      checkEqual(
        await store.scan({ from: 'bb', to: 'cc' }),
        [['c', 'c']],
        'Bounds need not be keys that exist.',
      )
    },
  },
  {
    id: 'range-prefix',
    title: 'a bound that is a prefix of keys stands before them',
    async run(t) {
      const store = await t.open()
      await store.write({
        put: ['p', 'p/', 'p/1', 'p/10', 'p/2', 'p0', 'q'].map((key) => [key, ''] as const),
      })
      const found = await store.scan({ from: 'p/', to: 'p0' })
      checkEqual(
        found.map(([key]) => key),
        ['p/', 'p/1', 'p/10', 'p/2'],
        'A range between two prefixes holds every key with the first prefix.',
      )
    },
  },
  {
    id: 'range-empty',
    title: 'a range whose `to` is not after `from` is empty, not an error',
    async run(t) {
      const store = await t.open()
      await store.write({
        put: [
          ['a', '1'],
          ['b', '2'],
        ],
      })
      checkEqual(
        await store.scan({ from: 'b', to: 'a' }),
        [],
        'A reversed range is empty. (IDBKeyRange.bound throws for it: answer before asking.)',
      )
      checkEqual(await store.scan({ from: 'a', to: 'a' }), [], 'A range from a key to itself is empty.')
      await store.write({
        deleteRanges: [
          { from: 'b', to: 'a' },
          { from: 'a', to: 'a' },
        ],
        put: [['c', '3']],
      })
      checkEqual(
        await keysOf(store),
        ['a', 'b', 'c'],
        'Deleting an empty range deletes nothing, and does not fail the batch.',
      )
    },
  },
  {
    id: 'scan-limit',
    title: 'a limit gives the first entries of the range',
    async run(t) {
      const store = await t.open()
      await store.write({ put: ['a', 'b', 'c', 'd'].map((key) => [key, key] as const) })
      checkEqual(
        await store.scan({ ...ALL, limit: 2 }),
        [
          ['a', 'a'],
          ['b', 'b'],
        ],
        'limit 2 gives the two smallest keys.',
      )
      checkEqual((await store.scan({ ...ALL, limit: 9 })).length, 4, 'A limit above the count gives all.')
      checkEqual(
        await store.scan({ ...ALL, limit: 0 }),
        [],
        'limit 0 gives nothing. (Some platforms take 0 for "no limit".)',
      )
    },
  },
  {
    id: 'scan-reverse',
    title: 'reverse gives the same range backwards, and its limit counts from the end',
    async run(t) {
      const store = await t.open()
      await store.write({ put: ['a', 'b', 'c', 'd'].map((key) => [key, key] as const) })
      const found = await store.scan({ from: 'a', to: 'd', reverse: true })
      checkEqual(
        found.map(([key]) => key),
        ['c', 'b', 'a'],
        'reverse keeps the bounds: `to` is still excluded.',
      )
      const last = await store.scan({ from: 'a', to: 'd', reverse: true, limit: 2 })
      checkEqual(
        last.map(([key]) => key),
        ['c', 'b'],
        'With reverse, the limit takes the largest keys.',
      )
    },
  },
  {
    id: 'scan-resume',
    title: 'a scan in pages meets every key once',
    async run(t) {
      const store = await t.open()
      const keys = Array.from({ length: 95 }, (_, i) => `k${String(i).padStart(3, '0')}`)
      await store.write({ put: keys.map((key) => [key, key] as const) })
      const seen: string[] = []
      let from: string = ALL.from
      for (let pages = 0; pages < keys.length; pages++) {
        const page = await store.scan({ from, to: ALL.to, limit: 10 })
        seen.push(...page.map(([key]) => key))
        const last = page.at(-1)
        if (last === undefined) break
        from = `${last[0]}\u0000`
      }
      checkEqual(
        seen,
        keys,
        'The key after k is k followed by U+0000: a scan from there must go on without a gap or a repeat.',
      )
    },
  },
]
