import { isHoldfastError } from '@holdfast/core'
import { check, checkEqual, checkFails } from '../suite/check.ts'
import { ALL, keysOf, type LocalCase } from './local-case.ts'

const NO_CACHE = 'Do not cache across calls: another tab may have written.'
const REFUSE = 'A store that is not shared refuses the second open of a database, by code.'

/** Two stores with one database open, where it is shared; and that there cannot be two, where it is not. */
export const sharingCases: readonly LocalCase[] = [
  {
    id: 'two-handles',
    title: 'two handles of one database see each other',
    requires: ['sharedBetweenTabs'],
    async run(t) {
      const one = await t.open()
      await one.write({ put: [['a', '1']] })
      const two = await t.open()
      checkEqual(await two.scan(ALL), [['a', '1']], 'A second handle sees what the first wrote.')
      const before = await Promise.all([one.scan(ALL), one.getMany(['a', 'b'])])
      checkEqual(before[1], ['1', undefined], 'A handle sees its own writes.')
      await two.write({ put: [['b', '2']] })
      checkEqual(await one.getMany(['a', 'b']), ['1', '2'], NO_CACHE)
      checkEqual(
        await one.scan(ALL),
        [
          ['a', '1'],
          ['b', '2'],
        ],
        NO_CACHE,
      )
      await one.close()
      await two.write({ put: [['c', '3']] })
      checkEqual(await keysOf(two), ['a', 'b', 'c'], 'Closing one handle must not close another.')
    },
  },
  {
    id: 'two-handles-concurrent',
    title: 'writes of two handles at once all take effect',
    requires: ['sharedBetweenTabs'],
    async run(t) {
      const [one, two] = [await t.open(), await t.open()]
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
    id: 'open-at-once',
    title: 'two opens of a new database at once have the same one',
    requires: ['sharedBetweenTabs'],
    async run(t) {
      const [one, two] = await Promise.all([t.open(), t.open()])
      await one.write({ put: [['a', '1']] })
      checkEqual(await keysOf(two), ['a'], 'Creating must not replace what another tab has just created.')
    },
  },
  {
    id: 'second-open-refused',
    title: 'a store that is not shared refuses the second open, and frees the database when it closes',
    requires: ['no sharedBetweenTabs'],
    async run(t) {
      const one = await t.open()
      await one.write({ put: [['a', '1']] })
      await checkFails(t.open(), 'store_locked', REFUSE)
      await one.close()
      checkEqual(await keysOf(await t.open()), ['a'], 'Closing must free the database for the next.')
    },
  },
  {
    id: 'second-open-while-writing',
    title: 'a second open that is refused does not disturb the store that has the database',
    requires: ['no sharedBetweenTabs'],
    async run(t) {
      const one = await t.open()
      const writing = Array.from({ length: 20 }, (_, i) => one.write({ put: [[`k${i}`, '']] }))
      await checkFails(t.open(), 'store_locked', `${REFUSE} Also while it writes.`)
      await Promise.all(writing)
      checkEqual(
        (await keysOf(one)).length,
        20,
        'A refused open must not disturb the store that has the database.',
      )
    },
  },
  {
    id: 'open-elsewhere-refused',
    title: 'another process is refused while the database is open here, and let in when it is closed',
    requires: ['openElsewhere', 'no sharedBetweenTabs'],
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', '1']] })
      await checkFails(
        t.openElsewhere(),
        'store_locked',
        `${REFUSE} In another process too: the lock must be one of the platform, such as a file or a Web Lock. A variable is known to one process alone.`,
      )
      await store.write({ put: [['b', '2']] })
      await store.close()
      await t.openElsewhere()
      checkEqual(
        await keysOf(await t.open()),
        ['a', 'b'],
        'What was here, and has been opened elsewhere since, is here again.',
      )
    },
  },
  {
    id: 'one-of-two-opens',
    title: 'of two opens of a new database at once, one succeeds and the other is refused',
    requires: ['no sharedBetweenTabs'],
    async run(t) {
      const opened = await Promise.allSettled([t.open(), t.open()])
      const stores = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const [store] = stores
      check(
        store !== undefined && stores.length === 1,
        `Of two opens at once, one succeeds: ${stores.length} did.`,
      )
      for (const other of opened) {
        check(
          other.status === 'fulfilled' || isHoldfastError(other.reason, 'store_locked'),
          'The open that is refused fails with `store_locked`.',
        )
      }
      await store.write({ put: [['a', '1']] })
      checkEqual(await keysOf(store), ['a'], 'The open that succeeded has a database that works.')
    },
  },
]
