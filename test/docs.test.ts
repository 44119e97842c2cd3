import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ERROR_CODES } from '../packages/core/src/errors/codes.ts'
import { DEFAULT_POLICY } from '../packages/core/src/schedule/policy.ts'

/** Thrown by no package of ours: contracts name them for stores and remotes of others. */
const FOR_OTHERS = ['wrong_key', 'rejected']

const sourcesOf = (root: string) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'))

test('docs/errors.md has one heading for each code, and for nothing else', () => {
  const text = readFileSync('docs/errors.md', 'utf8')
  const headings = [...text.matchAll(/^### `(\w+)`$/gm)].map(([, code]) => code)
  expect(headings.toSorted()).toEqual(ERROR_CODES.toSorted())
})

test('each heading says when, what is safe, and what to do', () => {
  const sections = readFileSync('docs/errors.md', 'utf8').split(/^### /m).slice(1)
  const wanting = sections.filter(
    (section) => !/^`\w+`\n\n- \*\*When\*\* .+\n- \*\*Safe\*\* .+\n- \*\*Do\*\* .+\n/.test(section),
  )
  expect(wanting).toEqual([])
})

test('each code is thrown somewhere', () => {
  const texts = readdirSync('packages')
    .flatMap((name) => sourcesOf(join('packages', name, 'src')))
    .map((text) => text.replaceAll(/isHoldfastError\([^)]*\)/g, ''))
  const unused = ERROR_CODES.filter((code) => {
    const made = new RegExp(`(?:\\w+\\(|code:)\\s*'${code}'`)
    return !texts.some((text) => made.test(text))
  })
  expect(unused.toSorted()).toEqual(FOR_OTHERS.toSorted())
})

const documents = ['README.md', 'CONTRIBUTING.md']
  .concat(readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path)))
  .concat(readdirSync('packages').map((name) => join('packages', name, 'README.md')))
  .filter((path) => path.endsWith('.md') && existsSync(path))

test.each(documents)('%s links to what is there', (path) => {
  const text = readFileSync(path, 'utf8').replaceAll(/```[\s\S]*?```/g, '')
  const broken = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)]
    .map(([, target = '']) => target.split('#'))
    .filter(([file = '', anchor]) => {
      const target = file === '' ? path : join(dirname(path), file)
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).has(anchor))
    })
  expect(broken).toEqual([])
})

test.each(['README.md', 'docs/architecture.md'])('%s names only tests that exist', (path) => {
  const text = readFileSync(path, 'utf8')
  const named = [...text.matchAll(/`([^`\s]+\.test\.ts)`/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((path) => !existsSync(path))).toEqual([])
})

test('the table of folders in docs/architecture.md names each folder of core', () => {
  const text = readFileSync('docs/architecture.md', 'utf8')
  const table = text.slice(text.indexOf('## Folders'), text.indexOf('## Local records'))
  const named = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  )
  const folders = readdirSync('packages/core/src', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
  expect(named.toSorted()).toEqual(folders.toSorted())
})

test('the times in docs/architecture.md are those of the schedule', () => {
  const { debounce, activeInterval, backgroundInterval, lowBatteryInterval, pullLimit } = DEFAULT_POLICY
  const { backoffBase, backoffCeiling, minTimeout, maxTimeout } = DEFAULT_POLICY
  const seconds = (ms: number) => `${ms / 1000} s`
  const minutes = (ms: number) => `${ms / 60_000} min`
  const text = readFileSync('docs/architecture.md', 'utf8')
  for (const phrase of [
    `a local write, ${debounce} ms later`,
    `every ${seconds(activeInterval)} (${minutes(backgroundInterval)} hidden, ${minutes(lowBatteryInterval)} on low battery)`,
    `pages of about ${pullLimit.toLocaleString('en')} changes`,
    `random wait up to ${seconds(backoffBase)} · 2ⁿ, at most ${minutes(backoffCeiling)}`,
    `between ${seconds(minTimeout)} and ${minutes(maxTimeout)}`,
  ])
    expect(text).toContain(phrase)
})

/** Headings as GitHub makes anchors of them. */
function anchorsOf(path: string): Set<string> {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}
