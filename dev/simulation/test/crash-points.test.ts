import process from 'node:process'
import { createHoldfast } from '@holdfast/core'
import { createMemoryServer, memoryRemote, memoryStore } from '@holdfast/core/memory'
import { expect, test } from 'vitest'
import { scenarios } from '../src/crash/enumerate.ts'
import { runCrashes } from '../src/crash/run-crashes.ts'
import { collections } from '../src/documents.ts'

/** They write nothing, so there is nothing for a crash to come between. */
const READS = [
  'collection',
  'conflicts.list',
  'conflicts.onSettled',
  'failed.list',
  'notes.find',
  'notes.get',
  'notes.live',
  'notes.stateOf',
  'sync.metrics',
  'sync.refused',
]

test('a crash at any point of any operation loses nothing that was acknowledged, and all come to agree', {
  timeout: 300_000,
}, async () => {
  const results = await runCrashes({ limits: 'small' })
  for (const { title, points, runs } of results)
    process.stdout.write(
      `${String(points).padStart(4)} points, ${String(runs).padStart(4)} crashes: ${title}\n`,
    )
  expect(results.flatMap(({ failures }) => failures)).toEqual([])
  expect(results.map(({ id }) => id)).toEqual(scenarios.map(({ id }) => id))
  for (const { title, points } of results) expect(points, title).toBeGreaterThan(1)
})

test.each([
  ['checkpoint-before-documents', 'pull-round'],
  ['sent-before-frozen', 'push-round'],
  ['fold-carries-nothing', 'fold'],
])('crashes find the bug %s in the scenario %s', async (bug, scenario) => {
  const results = await runCrashes({ limits: 'small', bug, only: [scenario] })
  expect(results.flatMap(({ failures }) => failures)).not.toEqual([])
})

test('each operation of the public surface has a scenario', async () => {
  const db = await createHoldfast({
    name: 'surface',
    local: memoryStore(),
    remote: memoryRemote({ server: createMemoryServer() }),
    collections,
  })
  const ofOneCollection = Object.entries(db).filter(([name]) => name === 'notes' || !(name in collections))
  const surface = ['createHoldfast', ...ofOneCollection.flatMap(([name, part]) => callablesOf(name, part))]
  await db.close()
  const covered = scenarios.flatMap(({ covers }) => covers)
  expect(surface.filter((path) => !covered.includes(path) && !READS.includes(path))).toEqual([])
  expect([...covered, ...READS].filter((path) => !surface.includes(path))).toEqual([])
})

function callablesOf(name: string, part: unknown): string[] {
  if (typeof part === 'function') return [name]
  return Object.entries(part as object)
    .filter(([, member]) => typeof member === 'function' && !isInternal(member))
    .map(([member]) => `${name}.${member}`)
}

/** Not in the types that an application sees. */
function isInternal({ name }: { readonly name: string }): boolean {
  return name === 'dispose'
}
