import { checkEqual, checkFails, fail } from '../suite/check.ts'
import { ALL, keysOf, type LocalCase } from './local-case.ts'

export const openingCases: readonly LocalCase[] = [
  {
    id: 'reopen-fidelity',
    title: 'keys and values of any text come back as they were, and in order, after close and open',
    async run(t) {
      const texts = [
        '',
        '\n',
        '\u0000',
        'a\u0000b',
        'a\\nb',
        '"quoted"',
        'null',
        '\ufeffbom',
        'é',
        'e\u0301',
        '😀',
        '\u2028',
        '\ue000',
        '\uffee',
        ' padded ',
        '\ud83d',
      ]
      const first = await t.open()
      await first.write({ put: texts.map((text) => [text, `<${text}>`] as const) })
      await first.close()
      checkEqual(
        await (await t.open()).scan(ALL),
        [...texts].sort().map((text) => [text, `<${text}>`]),
        'The form on disk must hold every JavaScript string, line ends, U+0000 and lone surrogates too, as key and as value, and give keys back in UTF-16 order.',
      )
    },
  },
  {
    id: 'reopen-same-object',
    title: 'a store that was closed opens again, the same database or another one',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', '1']] })
      const again = 'A store that was closed can be opened: `close` gives up the database, not the object.'
      await store.close()
      await resolves(store.open(t.nameOf()), again)
      checkEqual(await store.scan(ALL), [['a', '1']], 'What was written before is there again.')
      await store.close()
      await resolves(store.open(t.nameOf('other')), again)
      checkEqual(await store.scan(ALL), [], 'Nothing of the database before may show in another one.')
      await store.write({ put: [['b', '2']] })
      await store.close()
      checkEqual(await keysOf(await t.open()), ['a'], 'An object that has moved on writes to where it is.')
    },
  },
  {
    id: 'open-while-open',
    title: 'an object that has a database open refuses to open one, and keeps what it has',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', '1']] })
      for (const label of ['main', 'other']) {
        await checkFails(
          store.open(t.nameOf(label)),
          'store_locked',
          'An object has one database open at a time: refuse a second open until `close`.',
        )
      }
      await store.write({ put: [['b', '2']] })
      checkEqual(await keysOf(store), ['a', 'b'], 'A refused open must not disturb what is open.')
    },
  },
  {
    id: 'close-twice',
    title: 'closing what is closed resolves, and what is closing when it is closed',
    async run(t) {
      const store = await t.open()
      const writes = Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => store.write({ put: [[`k${i}`, '']] })),
      )
      const first = store.close()
      const twice = 'Another `close` resolves: whoever cleans up need not know who was there before.'
      await resolves(store.close(), twice)
      checkEqual(
        (await keysOf(await t.open())).length,
        20,
        'A `close` that finds another under way resolves with it: whoever opens the database then must find it free, and all in it.',
      )
      await Promise.all([first, writes])
      await resolves(store.close(), twice)
    },
  },
]

const resolves = (call: Promise<void>, advice: string): Promise<void> =>
  call.catch((error) => fail(`${advice}\n  received: ${String(error)}`))
