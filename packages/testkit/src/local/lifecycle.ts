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
    id: 'two-handles',
    title: 'two handles of one database see each other, where it is shared; else the second is refused',
    async run(t) {
      const one = await t.open()
      await one.write({ put: [['a', '1']] })
      if (!one.capabilities.sharedBetweenTabs) {
        await checkFails(t.open(), 'store_locked', 'A store that is not shared refuses the second open.')
        await one.close()
        checkEqual(await keysOf(await t.open()), ['a'], 'Closing must free the database for the next.')
        return
      }
      const two = await t.open()
      checkEqual(await two.scan(ALL), [['a', '1']], 'A second handle sees what the first wrote.')
      const before = await Promise.all([one.scan(ALL), one.getMany(['a', 'b'])])
      checkEqual(before[1], ['1', undefined], 'A handle sees its own writes.')
      await two.write({ put: [['b', '2']] })
      checkEqual(
        await one.getMany(['a', 'b']),
        ['1', '2'],
        'Do not cache across calls: another tab may have written.',
      )
      checkEqual(
        await one.scan(ALL),
        [
          ['a', '1'],
          ['b', '2'],
        ],
        'Do not cache across calls: another tab may have written.',
      )
      await one.close()
      await two.write({ put: [['c', '3']] })
      checkEqual(await keysOf(two), ['a', 'b', 'c'], 'Closing one handle must not close another.')
    },
  },
  {
    id: 'two-handles-concurrent',
    title: 'writes of two handles at once all take effect',
    async run(t) {
      const one = await t.open()
      if (!one.capabilities.sharedBetweenTabs) {
        const writing = Array.from({ length: 20 }, (_, i) => one.write({ put: [[`k${i}`, '']] }))
        await checkFails(
          t.open(),
          'store_locked',
          'A store that is not shared refuses the second open, also while it writes.',
        )
        await Promise.all(writing)
        checkEqual(
          (await keysOf(one)).length,
          20,
          'A refused open must not disturb the store that has the database.',
        )
        return
      }
      const two = await t.open()
      const writes = Array.from({ length: 40 }, (_, i) =>
        (i % 2 ? one : two).write({ put: [[`k${String(i).padStart(2, '0')}`, '']] }),
      )
      await Promise.all(writes)
      checkEqual(
        (await keysOf(one)).length,
        40,
        'Writes of two tabs must not overwrite each other: no read-modify-write of a whole state.',
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
