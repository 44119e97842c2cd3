import { isHoldfastError } from '@holdfast/core'
import { check, checkEqual } from '../suite/check.ts'
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
    id: 'open-at-once',
    title: 'two opens of a new database at once: both have the same one, or one is refused',
    async run(t) {
      const opened = await Promise.allSettled([t.open(), t.open()])
      const stores = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const [one, two] = stores
      check(one !== undefined, 'Of two opens of a new database at once, at least one must succeed.')
      checkEqual(
        stores.length,
        one.capabilities.sharedBetweenTabs ? 2 : 1,
        'A store that is shared between tabs opens twice; one that is not, opens once and refuses the other.',
      )
      for (const other of opened) {
        check(
          other.status === 'fulfilled' || isHoldfastError(other.reason, 'store_locked'),
          'The open that is refused fails with `store_locked`.',
        )
      }
      await one.write({ put: [['a', '1']] })
      if (two !== undefined)
        checkEqual(await keysOf(two), ['a'], 'Creating must not replace what another tab has just created.')
    },
  },
]
