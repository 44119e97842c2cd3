import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servePage, startBrowser } from '@holdfast/dev-kill'
import { expect, onTestFinished, test } from 'vitest'

async function openTabs(count: number) {
  const profile = mkdtempSync(join(tmpdir(), 'holdfast-tabs-'))
  const site = await servePage(new URL('./tabs-page.ts', import.meta.url))
  const browser = await startBrowser(profile)
  onTestFinished(async () => {
    await browser.kill()
    site.close()
    rmSync(profile, { recursive: true, force: true })
  })
  const tabs = await Promise.all(Array.from({ length: count }, () => browser.newPage()))
  for (const tab of tabs) await tab.goto(site.url)
  return { browser, url: site.url, tabs }
}

test('tabs that open one after the other each find what the one before wrote', async () => {
  const { tabs } = await openTabs(2)
  const found: (number | string)[] = []
  for (let turn = 0; turn < 60; turn++) {
    const tab = tabs[turn % 2]
    if (tab !== undefined) found.push(await tab.evaluate(() => globalThis.addOne()))
  }
  expect(found).toEqual(found.map((_, turn) => turn))
})

test('tabs that contend for the database count every turn once', async () => {
  const { tabs } = await openTabs(2)
  const turns = await Promise.all(
    tabs.map((tab) =>
      tab.evaluate(async () => {
        const found: (number | string)[] = []
        for (let turn = 0; turn < 100; turn++) found.push(await globalThis.addOne())
        return found
      }),
    ),
  )
  expect(turns.flat().toSorted((left, right) => Number(left) - Number(right))).toEqual(
    Array.from({ length: 200 }, (_, turn) => turn),
  )
})

test('a tab that is reloaded, or closed without a word, leaves everything to the next', async () => {
  const { browser, url, tabs } = await openTabs(2)
  const found: (number | string)[] = []
  for (let turn = 0; turn < 10; turn++) {
    const [leaver, other] = tabs
    if (leaver === undefined || other === undefined) throw new Error('Two tabs are needed.')
    found.push(await leaver.evaluate(() => globalThis.addOneAndStay()))
    await leaver.reload()
    found.push(await leaver.evaluate(() => globalThis.addOneAndStay()))
    await leaver.close()
    found.push(await other.evaluate(() => globalThis.addOne()))
    tabs[0] = await browser.newPage()
    await tabs[0].goto(url)
  }
  expect(found).toEqual(found.map((_, turn) => turn))
})

test('why one tab at a time: under a Web Lock alone, tabs overwrite what each other wrote', async () => {
  const { tabs } = await openTabs(2)
  await Promise.all(tabs.map((tab) => tab.evaluate(() => globalThis.addUnderLock(1000))))
  const counts = tabs.map((tab) => tab.evaluate(() => Number(localStorage.getItem('plain'))))
  expect(Math.max(...(await Promise.all(counts)))).toBeLessThan(2000)
})
