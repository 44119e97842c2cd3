import { startBrowser } from '../src/index.ts'

/** Starts a browser, says so, and waits to be ended. */
const [profile = ''] = process.argv.slice(2)
await startBrowser(profile)
process.stdout.write('ready\n')
setInterval(() => undefined, 1000)
