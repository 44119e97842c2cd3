import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { chromiumLaunch } from '../../backends/src/chromium.ts'

export interface OwnBrowser {
  newPage(): Promise<Page>
  /** Ends it as its user would: it writes what it holds in memory. */
  quit(): Promise<void>
  /** SIGKILL to every process of the browser; resolves when it is gone. */
  kill(): Promise<void>
}

/** Started by ourselves, since its process must be known to be killed, and in a group of its own. */
export async function startBrowser(profile: string): Promise<OwnBrowser> {
  const { executablePath, args } = chromiumLaunch()
  if (executablePath === undefined) {
    throw new Error('No Chrome or Chromium found: install one, or name it in CHROMIUM_PATH.')
  }
  // A killed browser leaves its lock behind.
  rmSync(join(profile, 'SingletonLock'), { force: true })
  const child = spawn(
    executablePath,
    [...args, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const watcher = killWithOwner(child)
  const ended = once(child, 'exit')
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-Number(child.pid), 'SIGKILL')
    await ended
    watcher.stdin?.end('gone\n')
  }
  try {
    const connected = await chromium.connectOverCDP(await endpointOf(child))
    const quit = async () => {
      const session = await connected.newBrowserCDPSession()
      await session.send('Browser.close')
      await ended
      await kill()
    }
    return { newPage: () => pageOf(connected), quit, kill }
  } catch (error) {
    await kill()
    throw error
  }
}

async function pageOf(browser: Awaited<ReturnType<typeof chromium.connectOverCDP>>): Promise<Page> {
  const [context] = browser.contexts()
  if (context === undefined) throw new Error('The browser has no default context.')
  return context.newPage()
}

function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-20_000)
      const [, endpoint] = /DevTools listening on (ws:\S+)/.exec(text) ?? []
      if (endpoint !== undefined) resolve(endpoint)
    })
    child.once('exit', () => reject(new Error(`The browser ended before it was ready:\n${text}`)))
    child.once('error', reject)
  })
}

/** Waits for a line, or for the end of its input, which means that the owner died: then the browser goes too. */
function killWithOwner(child: ChildProcess): ChildProcess {
  const watcher = spawn('/bin/sh', ['-c', 'read -r _ || kill -s KILL -- "-$1"', 'watch', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watcher.stdin?.on('error', () => undefined)
  watcher.unref()
  return watcher
}
