import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killBrowserRepeatedly } from '@holdfast/dev-kill'
import { expect, onTestFinished, test } from 'vitest'

test('over 6 kills of the browser no acknowledged batch is lost and none is torn', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'holdfast-kill-'))
  onTestFinished(() => rmSync(profile, { recursive: true, force: true }))
  const { lost, torn, batches } = await killBrowserRepeatedly({
    entry: new URL('./kill-page.ts', import.meta.url),
    profile,
    kills: 6,
    seed: 20_252,
    withinMs: 400,
    batchesALife: 50,
  })
  expect({ lost, torn }).toEqual({ lost: 0, torn: [] })
  expect(batches).toBeGreaterThanOrEqual(300)
})
