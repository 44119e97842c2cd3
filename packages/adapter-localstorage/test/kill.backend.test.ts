import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killBrowserRepeatedly } from '@holdfast/dev-kill'
import { expect, onTestFinished, test } from 'vitest'

test('over 4 kills of the browser whole batches are lost, as declared, but none is torn', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'holdfast-kill-'))
  onTestFinished(() => rmSync(profile, { recursive: true, force: true }))
  const { lost, torn, batches } = await killBrowserRepeatedly({
    entry: new URL('./kill-page.ts', import.meta.url),
    profile,
    kills: 4,
    seed: 20_253,
    withinMs: 9000,
  })
  expect(torn).toEqual([])
  // If this ever fails, the browser has become better than what is declared: declare more.
  expect(lost).toBeGreaterThan(0)
  expect(batches).toBeGreaterThan(lost)
})
