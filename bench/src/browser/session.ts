import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type OwnBrowser, startBrowser } from '../../../dev/kill/src/own-browser.ts'
import type { PageSteps } from '../page/page.ts'
import type { CpuProfile } from '../profile/shares.ts'

type Answer<K extends keyof PageSteps> = Awaited<ReturnType<PageSteps[K]>>

const open = new Set<Session>()
let isEnding = false

/** Ends every browser that is open, for when this process is told to end. */
export async function closeSessions(): Promise<void> {
  isEnding = true
  await Promise.all([...open].map((session) => session.close()))
}

/** A browser on a profile of its own, on disk, with one page. */
export class Session {
  readonly #url: string
  readonly #profile = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  #browser: OwnBrowser | null = null
  #page: Page | null = null

  private constructor(url: string) {
    this.#url = url
  }

  static async start(url: string): Promise<Session> {
    if (isEnding) throw new Error('The bench was told to end.')
    const session = new Session(url)
    open.add(session)
    try {
      await session.#begin()
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  async #begin(): Promise<void> {
    this.#browser = await startBrowser(this.#profile)
    await this.#openPage()
  }

  async #openPage(): Promise<void> {
    this.#page = (await this.#browser?.newPage()) ?? null
    await this.#page?.goto(this.#url)
    await this.#page?.waitForFunction('globalThis.bench !== undefined')
  }

  /** Runs a step in the page. */
  run<K extends keyof PageSteps>(step: K, argument?: Parameters<PageSteps[K]>[0]): Promise<Answer<K>> {
    return this.#opened.evaluate(
      ([name, given]) =>
        (globalThis.bench[name as keyof PageSteps] as (of: unknown) => Promise<never>)(given),
      [step as string, argument as unknown] as const,
    )
  }

  /** MB of JavaScript that is alive after a collection. */
  async heap(): Promise<number> {
    await this.collect()
    const devtools = await this.#opened.context().newCDPSession(this.#opened)
    const { usedSize } = await devtools.send('Runtime.getHeapUsage')
    await devtools.detach()
    return usedSize / 1e6
  }

  /** What comes next does not collect what was before. */
  async collect(): Promise<void> {
    const devtools = await this.#opened.context().newCDPSession(this.#opened)
    await devtools.send('HeapProfiler.enable')
    for (let time = 0; time < 3; time++) await devtools.send('HeapProfiler.collectGarbage')
    await devtools.detach()
  }

  /** Runs `work` under the sampling profiler; gives the profile as DevTools reads it. */
  async profiled<T>(work: () => Promise<T>): Promise<{ profile: CpuProfile; result: T }> {
    const devtools = await this.#opened.context().newCDPSession(this.#opened)
    await devtools.send('Profiler.enable')
    await devtools.send('Profiler.setSamplingInterval', { interval: 200 })
    await devtools.send('Profiler.start')
    const result = await work()
    const { profile } = await devtools.send('Profiler.stop')
    await devtools.detach()
    return { profile: profile as CpuProfile, result }
  }

  /** A new page in the same browser: nothing of the old one's memory is left. */
  async reopen(): Promise<void> {
    await this.#opened.close()
    await this.#openPage()
  }

  /** Ends the browser, and starts it again on the same profile. */
  async restart(): Promise<void> {
    await this.#browser?.kill()
    await this.#begin()
  }

  async version(): Promise<string> {
    return this.#opened.evaluate(() => navigator.userAgent.replace(/^.*Chrome\/(\S+).*$/, 'Chromium $1'))
  }

  async close(): Promise<void> {
    await this.#browser?.kill()
    open.delete(this)
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }

  get #opened(): Page {
    if (this.#page === null) throw new Error('The page is not open.')
    return this.#page
  }
}
