import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { type OwnBrowser, startBrowser } from './own-browser.ts'
import { servePage } from './page-site.ts'
import {
  type Acknowledged,
  addVerdict,
  type BatchesALife,
  drawBatches,
  forgetLost,
  NO_FAULT,
  seededUnit,
  type Verdict,
} from './verdict.ts'

/** What the page under test puts on `globalThis.killTarget`. */
export interface KillTarget {
  /** Writes until it is killed; what `report` answers with may be waited for. */
  run(report: (writer: string, batch: number) => unknown): Promise<void>
  check(acknowledged: Acknowledged): Promise<Verdict>
}

export interface BrowserKills {
  /** The module of the page; it sets `globalThis.killTarget`. */
  readonly entry: URL
  /** What the page finds in its `location.search`. */
  readonly settings?: Readonly<Record<string, string>>
  /** An empty directory for the browser's profile. */
  readonly profile: string
  readonly kills: number
  readonly seed: number
  /** The kill comes up to this long after the last of `batchesALife`, in ms. */
  readonly withinMs: number
  /** 1 unless given. */
  readonly batchesALife?: BatchesALife
  /** Ends when the browser dropped everything, where the page cannot begin anew in the middle. */
  readonly endsWhenDropped?: boolean
  /** Called with the page when it has checked itself after the last kill. */
  finish?(page: Page): Promise<void>
}

declare global {
  var killTarget: KillTarget
  var reportBatch: (writer: string, batch: number) => unknown
  /** The browser dropped its databases before this start. */
  var hasDropped: boolean | undefined
}

/** Of Chromium only: what it says of itself where it found a database corrupt, deleted it, and began another. */
interface UpgradeInChromium extends IDBVersionChangeEvent {
  readonly dataLoss?: 'none' | 'total'
}

/**
 * Notes whether the browser itself says that it dropped the databases of this origin. Chromium goes
 * on in a log whose last record a SIGKILL tore, and at the start after that finds it corrupt and
 * deletes all of it (seen in 156, in 3 of 142 kills). It says so once, to whoever opens the first
 * database. No page can prevent it, and it tells nothing of the page: a life that ends so is not
 * counted, and another takes its place.
 */
function noteDrops(): void {
  const open = IDBFactory.prototype.open
  IDBFactory.prototype.open = function openNoting(name, version) {
    const opening = open.call(this, name, version)
    opening.addEventListener('upgradeneeded', (event) => {
      if ((event as UpgradeInChromium).dataLoss === 'total') globalThis.hasDropped = true
    })
    return opening
  }
}

/**
 * Opens the page in real Chromium, kills the whole browser with SIGKILL at a random moment, and
 * starts it again on the same profile and the same origin, where the page checks itself.
 */
export async function killBrowserRepeatedly(
  options: BrowserKills,
): Promise<Verdict & { readonly batches: number; readonly dropped: number }> {
  const site = await servePage(options.entry)
  const url = `${site.url}?${new URLSearchParams(options.settings)}`
  const unit = seededUnit(options.seed)
  const acknowledged: Acknowledged = {}
  let verdict = NO_FAULT
  let batches = 0
  let dropped = 0
  let browser: OwnBrowser | undefined
  try {
    for (let kill = 0; kill <= options.kills; kill++) {
      browser = await startBrowser(options.profile)
      const page = await openPage(browser, url)
      const found = await page.evaluate((known) => globalThis.killTarget.check(known), acknowledged)
      if (await page.evaluate(() => globalThis.hasDropped)) {
        dropped++
        if (dropped > options.kills) throw new Error('The browser dropped its databases again and again.')
        if (options.endsWhenDropped) break
        for (const writer of Object.keys(acknowledged)) delete acknowledged[writer]
        kill--
      } else {
        forgetLost(acknowledged, found)
        verdict = addVerdict(verdict, found)
      }
      if (kill === options.kills) {
        await options.finish?.(page)
        break
      }
      await page.exposeFunction('reportBatch', (writer: string, batch: number) => {
        acknowledged[writer] = batch
        batches += 1
      })
      const before = batches
      // The run ends with the browser.
      const run = page
        .evaluate(() => globalThis.killTarget.run(globalThis.reportBatch))
        .catch((error) => error)
      const enough = before + drawBatches(options.batchesALife ?? 1, unit)
      while (batches < enough) await Promise.race([pause(5), run.then(failEarly)])
      await pause(unit() * options.withinMs)
      await browser.kill()
    }
  } finally {
    await browser?.kill()
    site.close()
  }
  return { ...verdict, batches, dropped }
}

function failEarly(error: unknown): never {
  throw error instanceof Error ? error : new Error('The page stopped writing before it was killed.')
}

/** On the page `hasDropped` is true if the browser says that it dropped what was there before. */
export async function openPage(browser: OwnBrowser, url: string): Promise<Page> {
  const page = await browser.newPage()
  await page.addInitScript(noteDrops)
  await page.goto(url)
  return page
}
