import { type HoldfastError, isHoldfastError, type LocalStore } from '@holdfast/core'
import { check, checkEqual, checkFails } from '../suite/check.ts'
import { ALL, keysOf, type LocalCase, type LocalTest } from './local-case.ts'

const NEVER_EMPTY =
  'A store that cannot open says so: pass the failure of open on, never go on with an empty database in its place.'

export const faultCases: readonly LocalCase[] = [
  {
    id: 'damaged-open',
    title: 'a database that cannot be read is reported, and never looks empty',
    requires: ['damage'],
    async run(t) {
      await fillAndClose(t)
      await t.damage()
      await checkFails(readAll(t), ['store_corrupt', 'store_unavailable'], NEVER_EMPTY)
    },
  },
  {
    id: 'damaged-is-left',
    title: 'a damaged database is left as it is until someone destroys it',
    requires: ['damage'],
    async run(t) {
      await fillAndClose(t)
      await t.damage()
      for (let i = 0; i < 2; i++) {
        await checkFails(
          readAll(t),
          ['store_corrupt', 'store_unavailable'],
          'A failed open must not repair by wiping: what is there may still be saved.',
        )
      }
      await t.destroy()
      checkEqual(
        await keysOf(await t.open()),
        [],
        'destroy is the way out: after it the name opens anew, empty.',
      )
    },
  },
  {
    id: 'refused-open',
    title: 'an open that the platform refuses fails, and later everything is there',
    requires: ['refuseOpen'],
    async run(t) {
      await fillAndClose(t)
      const end = await t.refuseOpen()
      await checkFails(readAll(t), 'store_unavailable', NEVER_EMPTY)
      await end()
      checkEqual(await keysOf(await t.open()), ['a', 'b'], 'A refused open must change nothing.')
    },
  },
  {
    id: 'full',
    title: 'a write for which there is no space fails with store_full, and the store goes on',
    requires: ['fill'],
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', '1']] })
      const end = await t.fill()
      const put = Array.from({ length: 64 }, (_, i) => [`k${i}`, 'x'.repeat(16_384)] as const)
      await checkFails(
        store.write({ put, delete: ['a'] }),
        'store_full',
        'Out of space is `store_full`: core waits for space instead of giving up.',
      )
      checkEqual(
        await store.scan(ALL),
        [['a', '1']],
        'A batch that ran out of space half way must leave nothing behind; reads go on.',
      )
      await end()
      await store.write({ put: [['b', '2']] })
      await store.close()
      checkEqual(await keysOf(await t.open()), ['a', 'b'], 'With space again, the store writes again.')
    },
  },
  {
    id: 'lost-outside',
    title: 'a database that someone else deletes under the store is lost, once, for good',
    requires: ['lose'],
    async run(t) {
      const lost: HoldfastError[] = []
      const store = await t.open('main', { onLost: (error) => lost.push(error) })
      await store.write({ put: [['a', '1']] })
      await t.lose()
      const advice =
        'Check, before a write is acknowledged, that its database is still the one that was opened.'
      await checkFails(store.write({ put: [['b', '2']] }), 'store_lost', advice)
      await checkFails(store.getMany(['a']), 'store_lost', 'A read of a deleted database must not answer.')
      await checkFails(store.scan(ALL), 'store_lost', 'A read of a deleted database must not answer.')
      checkEqual(
        lost.map(({ code }) => code),
        ['store_lost'],
        'onLost is called once, with `store_lost`.',
      )
      check(isHoldfastError(lost[0]), 'onLost is given a HoldfastError.')
      await store.close()
      checkEqual(await keysOf(await t.open()), [], 'The name opens anew, empty.')
    },
  },
]

async function fillAndClose(t: LocalTest): Promise<void> {
  const store = await t.open()
  await store.write({
    put: [
      ['a', '1'],
      ['b', '2'],
    ],
  })
  await store.close()
}

/** Opening, and reading everything: damage may be seen by either. */
async function readAll(t: LocalTest): Promise<[string, unknown][]> {
  const store: LocalStore = await t.open()
  try {
    return await store.scan(ALL)
  } finally {
    await store.close()
  }
}
