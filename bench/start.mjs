/*
 * `pnpm bench`: installs the peers on first use, beside the workspace and apart from it, so that
 * the workspace's own install never fetches them. Then hands over to src/main.ts.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const PNPM = ['-y', 'pnpm@12.21.0']

const marker = join(HERE, 'node_modules/.modules.yaml')

function isInstalled() {
  return existsSync(marker) && statSync(join(HERE, 'pnpm-lock.yaml')).mtimeMs <= statSync(marker).mtimeMs
}

if (!isInstalled()) {
  process.stdout.write('Installing the peers of the bench …\n')
  const options = ['--ignore-workspace', '--frozen-lockfile', '--config.auto-install-peers=false']
  const { status, stdout, stderr } = spawnSync('npx', [...PNPM, 'install', ...options], {
    cwd: HERE,
    encoding: 'utf8',
  })
  if (status !== 0) {
    process.stderr.write(
      `The peers could not be installed. Is the npm registry in reach?\n${stdout}${stderr}`,
    )
    process.exit(1)
  }
  // An install that found nothing to do leaves it as it was, older than the lockfile.
  utimesSync(marker, new Date(), new Date())
}
await import('./src/main.ts')
