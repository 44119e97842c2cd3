import { checkEqual } from '../suite/check.ts'
import { ALL, type LocalCase } from './local-case.ts'

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
]
