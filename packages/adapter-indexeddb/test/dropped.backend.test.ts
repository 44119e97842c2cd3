import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPage, servePage, startBrowser } from '@holdfast/dev-kill'
import { expect, onTestFinished, test } from 'vitest'
import type { Start } from './dropped-page.ts'

test('where Chromium finds its databases corrupt and deletes them, the store does not look new', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'holdfast-dropped-'))
  onTestFinished(() => rmSync(profile, { recursive: true, force: true }))
  const site = await servePage(new URL('./dropped-page.ts', import.meta.url))
  onTestFinished(() => site.close())

  const first = await startIn(profile, site.url)
  const usual = { droppedAt: null, byBrowser: false }
  expect(first).toEqual({ ...usual, entries: 0 })
  expect(await startIn(profile, site.url)).toEqual({ ...usual, entries: 1 })
  const before = Date.now()
  damage(profile)
  const third = await startIn(profile, site.url)
  expect(third).toMatchObject({ entries: 0, byBrowser: true })
  expect(third.droppedAt).toBeGreaterThanOrEqual(before)
  expect(await startIn(profile, site.url)).toEqual({
    ...usual,
    entries: 1,
    droppedAt: third.droppedAt,
  })
})

/** One life of the browser, which its user ends. */
async function startIn(profile: string, url: string): Promise<Start & { byBrowser: boolean }> {
  const browser = await startBrowser(profile)
  try {
    const page = await openPage(browser, url)
    const start = await page.evaluate(() => globalThis.start())
    const byBrowser = await page.evaluate(() => globalThis.hasDropped === true)
    await browser.quit()
    return { ...start, byBrowser }
  } finally {
    await browser.kill()
  }
}

/** What a disk can do: a file of LevelDB, which Chromium keeps IndexedDB in, holds something else. */
function damage(profile: string): void {
  const all = join(profile, 'Default', 'IndexedDB')
  const [origin] = readdirSync(all).filter((name) => name.endsWith('.leveldb'))
  const directory = join(all, String(origin))
  const [manifest] = readdirSync(directory).filter((name) => name.startsWith('MANIFEST'))
  writeFileSync(join(directory, String(manifest)), 'damaged'.repeat(100))
}
