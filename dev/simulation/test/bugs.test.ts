import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bugs } from '../src/bugs/all.ts'
import { hunt } from '../src/hunt.ts'
import { withPatches } from '../src/patches.ts'

/**
 * Seeds that a bug gets, from the one that is known to find it. A change of the engine changes the
 * histories: then another one finds it, later, until `pnpm simulate bugs --record` names it.
 */
const WITHIN = 300

test('there are enough bugs, each with an id of its own', () => {
  expect(new Set(bugs.map(({ id }) => id)).size).toBe(bugs.length)
  expect(bugs.length).toBeGreaterThanOrEqual(24)
})

test.each(bugs)('the patch of $id is one of what the engine is now', ({ patches }) => {
  for (const file of new Set(patches.map((patch) => patch.file))) {
    const text = readFileSync(`packages/core/src/${file}`, 'utf8')
    const own = patches.filter((patch) => patch.file === file)
    expect(withPatches(text, own)).not.toBe(text)
  }
})

test.each(bugs)('$id is found', { timeout: 60_000 }, async (bug) => {
  const { found } = await hunt(bug, { from: bug.foundBy, within: WITHIN })
  expect(found, `${bug.title}: pnpm simulate bugs --only ${bug.id} looks for another seed`).not.toBeNull()
})
