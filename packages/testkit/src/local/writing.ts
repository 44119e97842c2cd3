import type { LocalStore } from '@holdfast/core'
import { check, checkEqual, checkFails } from '../suite/check.ts'
import { deepFreeze } from '../suite/freeze.ts'
import { ALL, keysOf, type LocalCase } from './local-case.ts'

export const writingCases: readonly LocalCase[] = [
  {
    id: 'read-after-write',
    title: 'a read that is issued after a write resolved sees it',
    async run(t) {
      const store = await t.open()
      for (let i = 0; i < 20; i++) {
        await store.write({ put: [['k', String(i)]] })
        checkEqual(
          await store.getMany(['k']),
          [String(i)],
          'Resolve a write when its transaction is complete, not when it was issued: a read must see it then.',
        )
      }
    },
  },
  {
    id: 'put-replaces',
    title: 'a put replaces the value, and the last of two puts of one key wins',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', '1']] })
      await store.write({
        put: [
          ['a', '2'],
          ['a', '3'],
        ],
      })
      checkEqual(await store.scan(ALL), [['a', '3']], 'A put replaces; within a batch the later one wins.')
    },
  },
  {
    id: 'delete-absent',
    title: 'deleting a key that is not there changes nothing and does not fail',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', '1']] })
      await store.write({ delete: ['x', 'x'], deleteRanges: [{ from: 'm', to: 'n' }] })
      checkEqual(await store.scan(ALL), [['a', '1']], 'Deleting what is absent must do nothing.')
    },
  },
  {
    id: 'empty-batch',
    title: 'an empty batch resolves',
    async run(t) {
      const store = await t.open()
      await store.write({})
      await store.write({ put: [], delete: [], deleteRanges: [] })
      checkEqual(await store.scan(ALL), [], 'An empty batch changes nothing.')
    },
  },
  {
    id: 'batch-order',
    title: 'in a batch, ranges are deleted first, then keys, then puts are written',
    async run(t) {
      const store = await t.open()
      await store.write({ put: ['a', 'b', 'c', 'd'].map((key) => [key, 'old'] as const) })
      await store.write({
        put: [
          ['b', 'new'],
          ['c', 'new'],
        ],
        delete: ['c', 'd'],
        deleteRanges: [{ from: 'a', to: 'c' }],
      })
      checkEqual(
        await store.scan(ALL),
        [
          ['b', 'new'],
          ['c', 'new'],
        ],
        'Apply deleteRanges, then delete, then put, whatever the order of the members: a put survives the deletes of its own batch.',
      )
    },
  },
  {
    id: 'delete-range',
    title: 'deleteRanges deletes from <= key < to, and several ranges at once',
    async run(t) {
      const store = await t.open()
      await store.write({ put: ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, key] as const) })
      await store.write({
        deleteRanges: [
          { from: 'a', to: 'c' },
          { from: 'e', to: 'f' },
        ],
      })
      checkEqual(await keysOf(store), ['c', 'd', 'f'], 'A deleted range includes `from` and excludes `to`.')
    },
  },
  {
    id: 'delete-range-many',
    title: 'one range deletes two thousand keys, and the keys beside it stay',
    async run(t) {
      const store = await t.open()
      const keys = Array.from({ length: 2_000 }, (_, i) => `p/${String(i).padStart(4, '0')}`)
      await store.write({ put: ['o', ...keys, 'p0'].map((key) => [key, ''] as const) })
      await store.write({ deleteRanges: [{ from: 'p/', to: 'p0' }], put: [['p/new', '']] })
      checkEqual(
        await keysOf(store),
        ['o', 'p/new', 'p0'],
        'Delete the whole range in the transaction of its batch, however many keys stand in it.',
      )
    },
  },
  {
    id: 'write-order',
    title: 'writes take effect in the order in which they were issued',
    async run(t) {
      const store = await t.open()
      const writes = Array.from({ length: 50 }, (_, i) =>
        store.write({
          put: [
            ['last', String(i)],
            [`k${i}`, ''],
          ],
        }),
      )
      await Promise.all(writes)
      checkEqual(
        await store.getMany(['last']),
        ['49'],
        'Of concurrent writes to one key, the last one issued must win.',
      )
      checkEqual((await keysOf(store)).length, 51, 'Each of fifty concurrent writes must take effect.')
    },
  },
  {
    id: 'write-order-mixed',
    title: 'puts, deletes and range deletes issued together keep their order',
    async run(t) {
      const store = await t.open()
      await Promise.all([
        store.write({
          put: [
            ['a', '1'],
            ['b', '1'],
          ],
        }),
        store.write({ deleteRanges: [ALL] }),
        store.write({
          put: [
            ['b', '2'],
            ['c', '2'],
          ],
        }),
        store.write({ delete: ['c'] }),
        store.write({ put: [['d', '3']] }),
      ])
      checkEqual(
        await store.scan(ALL),
        [
          ['b', '2'],
          ['d', '3'],
        ],
        'A later write must see, and may undo, every earlier one.',
      )
    },
  },
  {
    id: 'failed-write-does-not-block',
    title: 'a write that fails holds back none that were issued with it',
    async run(t) {
      const store = await t.open()
      const first = store.write({ put: [['a', '1']] })
      const failing = store.write({ put: [['b', '1']] }, { expect: { key: 'a', value: 'other' } })
      const last = store.write({ put: [['c', '1']] })
      await checkFails(failing, 'store_conflict', 'A failed expectation is `store_conflict`.')
      await Promise.all([first, last])
      checkEqual(
        await keysOf(store),
        ['a', 'c'],
        'Each write has an outcome of its own: put each into its own transaction, or retry alone.',
      )
    },
  },
  {
    id: 'isolation',
    title: 'a read sees the state between two writes, never the middle of one',
    async run(t) {
      const store = await t.open()
      await writePair(store, 0)
      const reads: Promise<unknown[]>[] = []
      const writes: Promise<void>[] = []
      for (let i = 1; i <= 30; i++) {
        writes.push(writePair(store, i))
        reads.push(
          store.getMany(['left', 'right']),
          store.scan(ALL).then((found) => found.map(([, value]) => value)),
        )
      }
      await Promise.all(writes)
      for (const [left, right] of await Promise.all(reads)) {
        check(
          left !== undefined && left === right,
          `One getMany or scan must read in one transaction: it saw ${String(left)} and ${String(right)} of one batch.`,
        )
      }
    },
  },
  {
    id: 'replaced-range',
    title: 'a batch that deletes a range and puts into it is seen whole: nobody finds the range empty',
    async run(t) {
      const store = await t.open()
      await writePair(store, 0)
      const work: Promise<unknown>[] = []
      const counts: number[] = []
      for (let i = 1; i <= 20; i++) {
        work.push(store.write({ deleteRanges: [ALL], put: [[`k${i}`, String(i)]] }))
        for (let reads = 0; reads < 3; reads++)
          work.push(store.scan(ALL).then((found) => void counts.push(found.length)))
      }
      await Promise.all(work)
      check(
        counts.every((count) => count > 0),
        'The range was seen empty: put its deletes and the puts of a batch into one transaction.',
      )
    },
  },
  {
    id: 'frozen-inputs',
    title: 'inputs are not changed, frozen ones are taken',
    async run(t) {
      const store = await t.open()
      await store.write(
        deepFreeze({
          put: [
            ['a', '1'],
            ['b', '2'],
          ] as const,
          delete: ['c'],
          deleteRanges: [{ from: 'x', to: 'z' }],
        }),
        deepFreeze({ expect: { key: 'a', value: null } }),
      )
      checkEqual(
        await store.getMany(deepFreeze(['b', 'a'])),
        ['2', '1'],
        'Do not sort or fill the list of keys in place.',
      )
      checkEqual(
        (await store.scan(deepFreeze({ ...ALL, reverse: true }))).length,
        2,
        'Do not write into the range.',
      )
    },
  },
  {
    id: 'no-partial-batch',
    title: 'a batch with a value that cannot be stored changes nothing at all',
    async run(t) {
      const store = await t.open()
      await store.write({
        put: [
          ['a', 'old'],
          ['b', 'old'],
        ],
      })
      const wrong = 42 as unknown as string
      await checkFails(
        store.write({
          deleteRanges: [{ from: 'b', to: 'c' }],
          put: [
            ['a', 'new'],
            ['bad', wrong],
            ['z', 'new'],
          ],
        }),
        'invalid_value',
        'A value that is neither text nor bytes is refused: check the whole batch before its first write.',
      )
      checkEqual(
        await store.scan(ALL),
        [
          ['a', 'old'],
          ['b', 'old'],
        ],
        'A failed batch must leave no trace: neither its deletes nor the puts before the bad one.',
      )
    },
  },
]

function writePair(store: LocalStore, n: number): Promise<void> {
  return store.write({
    put: [
      ['left', String(n)],
      ['right', String(n)],
    ],
  })
}
