import type { HoldfastError } from '@holdfast/core'
import { isHoldfastError } from '@holdfast/core'
import { check, checkEqual, checkFails } from '../suite/check.ts'
import { ALL, keysOf, type LocalCase } from './local-case.ts'

export const lifecycleCases: readonly LocalCase[] = [
  {
    id: 'reopen',
    title: 'what was written is there after close and open',
    async run(t) {
      const first = await t.open()
      await first.write({
        put: [
          ['a', '1'],
          ['b', '2'],
          ['c', '3'],
        ],
      })
      await first.write({ delete: ['b'] })
      await first.close()
      const second = await t.open()
      checkEqual(
        await second.scan(ALL),
        [
          ['a', '1'],
          ['c', '3'],
        ],
        'An opened database holds what was written before it was closed, deletes too.',
      )
    },
  },
  {
    id: 'reopen-many-times',
    title: 'opening again and again loses nothing',
    async run(t) {
      for (let i = 0; i < 5; i++) {
        const store = await t.open()
        checkEqual(
          (await keysOf(store)).length,
          i,
          `After ${i} sessions with one write each there must be ${i} keys.`,
        )
        await store.write({ put: [[`k${i}`, '']] })
        await store.close()
      }
    },
  },
  {
    id: 'close-drains',
    title: 'close lets the writes finish that were issued before',
    async run(t) {
      const store = await t.open()
      const writes = Array.from({ length: 20 }, (_, i) => store.write({ put: [[`k${i}`, '']] }))
      const closing = store.close()
      const outcomes = await Promise.allSettled(writes)
      await closing
      checkEqual(
        outcomes.map((outcome) => outcome.status),
        writes.map(() => 'fulfilled'),
        'Writes issued before close must resolve.',
      )
      checkEqual(
        (await keysOf(await t.open())).length,
        20,
        'Writes issued before close must be there after it.',
      )
    },
  },
  {
    id: 'close-waits',
    title: 'when close resolves, what was issued before it is written and the database is free',
    async run(t) {
      const store = await t.open()
      const writes = Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => store.write({ put: [[`k${i}`, '']] })),
      )
      await store.close()
      checkEqual(
        (await keysOf(await t.open())).length,
        20,
        'close must wait for the writes that were issued before it: whoever opens the database next must find them.',
      )
      await writes
    },
  },
  {
    id: 'closed-refuses',
    title: 'after close every call fails with store_closed',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', '1']] })
      await store.close()
      const advice = 'After close, fail with `store_closed`; never reopen by yourself.'
      await checkFails(store.getMany(['a']), 'store_closed', advice)
      await checkFails(store.scan(ALL), 'store_closed', advice)
      await checkFails(store.write({ put: [['b', '2']] }), 'store_closed', advice)
      checkEqual(await keysOf(await t.open()), ['a'], 'A refused write must not arrive later.')
    },
  },
  {
    id: 'closing-refuses',
    title: 'a call made after close was called fails, also while it still drains',
    async run(t) {
      const store = await t.open()
      const before = store.write({ put: [['a', '1']] })
      const closing = store.close()
      await checkFails(
        store.write({ put: [['b', '2']] }),
        'store_closed',
        'Refuse from the moment close is called, not from when it is done.',
      )
      await Promise.all([before, closing])
      checkEqual(await keysOf(await t.open()), ['a'], 'Only what was issued before close may take effect.')
    },
  },
  {
    id: 'names-isolated',
    title: 'databases of different names do not see each other',
    async run(t) {
      const one = await t.open('one')
      const two = await t.open('two')
      const near = await t.open('one-more')
      await one.write({
        put: [
          ['k', 'one'],
          ['only', '1'],
        ],
      })
      await two.write({ put: [['k', 'two']] })
      checkEqual(
        await one.scan(ALL),
        [
          ['k', 'one'],
          ['only', '1'],
        ],
        'A name is a database of its own.',
      )
      checkEqual(await two.scan(ALL), [['k', 'two']], 'A name is a database of its own.')
      checkEqual(
        await near.scan(ALL),
        [],
        'A name that begins with another name is a database of its own: end key prefixes with a separator.',
      )
      await one.write({ deleteRanges: [ALL] })
      checkEqual(
        await two.scan(ALL),
        [['k', 'two']],
        'Deleting every key of one database must not reach another.',
      )
    },
  },
  {
    id: 'destroy',
    title: 'destroy deletes the database and no other',
    async run(t) {
      const one = await t.open('one')
      const more = await t.open('one-more')
      await one.write({ put: [['k', '1']] })
      await more.write({ put: [['k', '2']] })
      await one.close()
      await t.destroy('one')
      checkEqual(
        await (await t.open('one')).scan(ALL),
        [],
        'After destroy, the name opens as a new, empty database.',
      )
      checkEqual(await more.scan(ALL), [['k', '2']], 'destroy must delete this name only.')
    },
  },
  {
    id: 'destroy-idempotent',
    title: 'destroying what does not exist resolves',
    async run(t) {
      await t.destroy('never')
      await t.destroy('never')
      checkEqual(
        await (await t.open('never')).scan(ALL),
        [],
        'destroy must leave nothing that hinders an open.',
      )
    },
  },
  {
    id: 'lost',
    title:
      'a store whose database is destroyed under it fails with store_lost and never writes into a new one',
    async run(t) {
      const lost: HoldfastError[] = []
      const store = await t.open('main', { onLost: (error) => lost.push(error) })
      await store.write({ put: [['a', '1']] })
      try {
        await t.destroy()
      } catch (error) {
        check(
          isHoldfastError(error, 'store_locked'),
          `destroy may refuse a database that is open elsewhere, with \`store_locked\` only. Received: ${String(error)}`,
        )
        checkEqual(await keysOf(store), ['a'], 'A refused destroy must change nothing.')
        return
      }
      await checkFails(
        store.write({ put: [['b', '2']] }),
        'store_lost',
        'A write must not succeed into a database that was deleted, or recreate it.',
      )
      await checkFails(
        store.getMany(['a']),
        'store_lost',
        'A read of a deleted database must not answer as if it were empty.',
      )
      checkEqual(
        lost.map((error) => error.code),
        ['store_lost'],
        'onLost is called once, with `store_lost`.',
      )
      checkEqual(await keysOf(await t.open()), [], 'The name opens anew, empty.')
    },
  },
]
