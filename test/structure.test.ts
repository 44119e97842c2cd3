import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

/*
 * The layout of core shows the flow of a write outward and of a change inward. This table says
 * which folder may import which; docs/architecture.md draws it.
 */
const FOUNDATION = ['model', 'errors', 'contracts', 'runtime', 'adapter'] as const
const OUTWARD = ['write', 'outbox', 'schedule', 'push'] as const
const INWARD = ['pull', 'merge', 'apply', 'observe'] as const

const CORE = resolve('packages/core/src')

function mayImport(folder: string): readonly string[] {
  const at = (FOUNDATION as readonly string[]).indexOf(folder)
  // `model` throws typed errors and `contracts` speak of documents: the two lowest may know each other.
  if (at !== -1) return folder === 'model' ? ['errors'] : FOUNDATION.slice(0, at)
  const ground = [...FOUNDATION]
  if (folder === 'storage') return ground
  if (folder === 'memory') return ground
  const flow: readonly string[] = (OUTWARD as readonly string[]).includes(folder) ? OUTWARD : INWARD
  const next = flow[flow.indexOf(folder) + 1]
  if (flow.includes(folder)) return [...ground, 'storage', ...(next === undefined ? [] : [next])]
  if (folder === 'engine') return [...ground, 'storage', ...OUTWARD, ...INWARD]
  return []
}

interface Source {
  readonly path: string
  readonly text: string
}

function sources(root: string): Source[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g

function importsOf({ path, text }: Source, root: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, target]) =>
    relative(root, resolve(root, dirname(path), target ?? '')),
  )
}

const folderOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')

test('core folders import only what the flow allows', () => {
  const wrong = sources(CORE).flatMap((source) => {
    const folder = folderOf(source.path)
    if (folder === '') return []
    const allowed = new Set([folder, ...mayImport(folder)])
    return importsOf(source, CORE)
      .filter((target) => !allowed.has(folderOf(target)))
      .map((target) => `${source.path} imports ${target}`)
  })
  expect(wrong).toEqual([])
})

test('only an entry point imports the engine, and nothing imports an entry point', () => {
  const wrong = sources(CORE).flatMap((source) =>
    importsOf(source, CORE)
      .filter(
        (target) =>
          folderOf(target) === '' ||
          (folderOf(target) === 'engine' && !['', 'engine'].includes(folderOf(source.path))),
      )
      .map((target) => `${source.path} imports ${target}`),
  )
  expect(wrong).toEqual([])
})

test('no import runs in a circle', () => {
  const files = new Map(sources(CORE).map((source) => [source.path, importsOf(source, CORE)]))
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path))
      throw new Error(`a circle: ${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}`)
    if (done.has(path)) return
    for (const target of files.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of files.keys()) visit(path, [])
  expect(done.size).toBe(files.size)
})

test('core takes time, randomness and surroundings from the runtime alone', () => {
  const banned =
    /\b(Date\.now|new Date\(|Math\.random|crypto\.|setTimeout|setInterval|navigator\.|localStorage|indexedDB|globalThis|performance\.)/
  const wrong = sources(CORE)
    .filter(({ path }) => path !== 'runtime/system-runtime.ts')
    .filter(({ text }) => banned.test(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')))
    .map(({ path }) => path)
  expect(wrong).toEqual([])
})

test('adapters and examples import packages by their name, never their insides', () => {
  const roots = readdirSync('packages')
    .filter((name) => name !== 'core')
    .map((name) => join('packages', name, 'src'))
  const wrong = roots.flatMap((root) =>
    sources(resolve(root))
      .filter(({ text }) => /from '(?:\.\.\/)+(?:packages|core)\/|from '@holdfast\/[a-z-]+\/src/.test(text))
      .map(({ path }) => join(root, path)),
  )
  expect(wrong).toEqual([])
})

test('no file of the product is past the size at which it should be two', () => {
  const LINES = 300
  const wrong = readdirSync('packages').flatMap((name) =>
    sources(resolve('packages', name, 'src'))
      .filter(({ text }) => text.split('\n').length > LINES)
      .map(({ path }) => `packages/${name}/src/${path}`),
  )
  expect(wrong).toEqual([])
})
