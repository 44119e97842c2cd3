import type { LocalStore } from '@holdfast/core'
import { checkEqual, fail } from '../suite/check.ts'
import type { LocalCase, LocalTest } from './local-case.ts'

const MAX_NAME = 255
const IS_A_NAME =
  'Any well-formed text of 1 to 255 UTF-16 code units is a name: where the platform takes less (the name of a file does), encode it, and put a hash in place of what is too long.'
const STANDS_APART =
  'Names that differ in one code unit are two databases: no path is resolved, no case folded, nothing normalised, trimmed or cut.'

/** Names that the platform might take for something else than a name, or for each other. */
export const namingCases: readonly LocalCase[] = [
  {
    id: 'names-odd',
    title: 'any text is a name, and no name is a path, a pattern or a piece of code',
    async run(t) {
      const own = t.nameOf()
      const paths = [`../${own}`, `./${own}`, `${own}/..`, `${own}/../${own}`, `${own}/.`, `${own}\\b`]
      const marks = ['*?|<>:"', "';--`$&", '\n', '\u0000', '中文😀', '__proto__', '-wal']
      await checkApart(t, [own, ...paths, ...marks.map((mark) => own + mark)])
    },
  },
  {
    id: 'names-alike',
    title: 'names that look alike are databases of their own',
    async run(t) {
      const own = t.nameOf()
      const marks = [
        'a',
        'A',
        'a ',
        'a.',
        'a/b',
        'a%2Fb',
        'a%2fb',
        'a+b',
        'a b',
        '\u00e9',
        'e\u0301',
        '\u00c9',
      ]
      await checkApart(t, [` ${own}a`, ...marks.map((mark) => own + mark)])
    },
  },
  {
    id: 'names-long',
    title: 'a name of 255 characters is a name, and those that differ in the last one are two',
    async run(t) {
      const own = t.nameOf()
      const longest = (mark: string, last: string) => own.padEnd(MAX_NAME - 1, mark) + last
      const names = ['x', '漢', '/'].flatMap((mark) => [longest(mark, 'y'), longest(mark, 'z')])
      await checkApart(t, [...names, own.padEnd(MAX_NAME - 1, 'x')])
    },
  },
]

/** Each name has a database of its own, which goes when this name is destroyed and not with another. */
async function checkApart(t: LocalTest, names: readonly string[]): Promise<void> {
  for (const name of names) await using(t, name, (store) => store.write({ put: [['name', name]] }))
  for (const name of names.filter((_, i) => i % 2 === 1)) {
    await checkHolds(t, name)
    await t.destroyNamed(name)
  }
  for (const name of names.filter((_, i) => i % 2 === 0)) await checkHolds(t, name)
}

const checkHolds = (t: LocalTest, name: string): Promise<void> =>
  using(t, name, async (store) =>
    checkEqual(await store.getMany(['name']), [name], `${STANDS_APART} The name: ${JSON.stringify(name)}.`),
  )

async function using(t: LocalTest, name: string, work: (store: LocalStore) => Promise<void>): Promise<void> {
  const store = await t
    .openNamed(name)
    .catch((error) => fail(`${IS_A_NAME} The name: ${JSON.stringify(name)}.\n  received: ${String(error)}`))
  await work(store)
  await store.close()
}
