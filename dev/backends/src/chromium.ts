import { existsSync } from 'node:fs'

const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Where a Chrome or Chromium is installed, or undefined. `CHROMIUM_PATH` goes first. */
export function findChromium(): string | undefined {
  return PLACES.find((path) => path !== undefined && existsSync(path))
}

/** Launch options for Playwright: an installed browser, headless, silent on the network. */
export function chromiumLaunch(): { executablePath?: string; args: string[] } {
  const executablePath = findChromium()
  return executablePath === undefined ? { args: FLAGS } : { executablePath, args: FLAGS }
}
