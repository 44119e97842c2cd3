import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/*
 * Every `ts` block of the documents is a program of its own: it is compiled under the rules of the
 * workspace. One that closes its database, and needs no browser and no server, is also run; what it
 * prints stands in its comments, as `// prints: …`.
 */
const WORK = resolve('test-output/readme')
const RUNNABLE = /^(@holdfast\/core(\/memory)?|@holdfast\/adapter-sqlite|zod|node:.+)$/

interface Snippet {
  readonly name: string
  readonly file: string
  readonly text: string
}

function documents(): string[] {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path))
  const packages = readdirSync('packages').map((name) => join('packages', name, 'README.md'))
  return ['README.md', 'CONTRIBUTING.md', ...docs, ...packages].filter(
    (path) => path.endsWith('.md') && existsSync(path),
  )
}

function snippetsOf(path: string): Snippet[] {
  const blocks = readFileSync(path, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)
  return [...blocks].map(([, text = ''], i) => {
    const name = `${path}#${i + 1}`
    return { name, file: join(WORK, `${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}.ts`), text }
  })
}

const importsOf = ({ text }: Snippet) =>
  [...text.matchAll(/^(?:import|export) .*?from '([^']+)'/gms)].map(([, from = '']) => from)

const isRunnable = (snippet: Snippet) =>
  snippet.text.includes('.close()') && importsOf(snippet).every((from) => RUNNABLE.test(from))

/** Packages as an application would find them: ours, and what ours and the examples are tested with. */
function linkPackages(): void {
  const modules = join(WORK, 'node_modules')
  const link = (name: string, target: string) => {
    const path = join(modules, name)
    if (existsSync(path)) return
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path)
  }
  for (const name of readdirSync('packages')) link(`@holdfast/${name}`, resolve('packages', name))
  for (const owner of ['packages', 'examples'].flatMap((dir) =>
    readdirSync(dir).map((name) => join(dir, name)),
  )) {
    for (const name of installedIn(join(owner, 'node_modules')))
      link(name, resolve(owner, 'node_modules', name))
  }
}

function installedIn(modules: string): string[] {
  if (!existsSync(modules)) return []
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.') && name !== '@holdfast')
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((part) => `${name}/${part}`) : [name],
    )
}

const snippets = documents().flatMap(snippetsOf)
const runnable = snippets.filter(isRunnable)

beforeAll(() => {
  rmSync(WORK, { recursive: true, force: true })
  mkdirSync(WORK, { recursive: true })
  linkPackages()
  for (const { file, text } of snippets) writeFileSync(file, text)
  const config = { extends: resolve('tsconfig.base.json'), include: ['*.ts'] }
  writeFileSync(join(WORK, 'tsconfig.json'), JSON.stringify(config))
})
afterAll(() => rmSync(WORK, { recursive: true, force: true }))

test('every snippet compiles', { timeout: 60_000 }, () => {
  const tsc = resolve('node_modules/.bin/tsc')
  const { stdout, status } = spawnSync(tsc, ['-p', WORK, '--pretty', 'false'], { encoding: 'utf8' })
  expect({ errors: stdout.split('\n').filter((line) => line !== ''), status }).toEqual({
    errors: [],
    status: 0,
  })
})

test('there is a snippet for each store and each remote, and some are run', () => {
  const used = new Set(snippets.filter(({ name }) => name.startsWith('README.md')).flatMap(importsOf))
  const stores = [
    'core/memory',
    'adapter-indexeddb',
    'adapter-indexeddb/dexie',
    'adapter-localstorage',
    'adapter-sqlite',
  ]
  const remotes = ['adapter-supabase', 'adapter-dynamodb']
  expect([...stores, ...remotes].filter((name) => !used.has(`@holdfast/${name}`))).toEqual([])
  expect(runnable.map(({ name }) => name)).toContain('README.md#1')
})

describe('run', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-readme-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(runnable)('$name prints what it says', { timeout: 30_000 }, ({ file, text }) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' })
    const expected = [...text.matchAll(/\/\/ prints: (.+)$/gm)].map(([, line]) => line)
    expect({ printed: stdout.trimEnd().split('\n').filter(Boolean), stderr, status }).toEqual({
      printed: expected,
      stderr: '',
      status: 0,
    })
  })
})
