/*
 * What a fresh clone runs: `npm run demo` and `npm test`, and `npm run bench`.
 *
 * Needs git, npm and some Node >= 20, and sets up the rest: pnpm, the workspace, a new enough Node
 * (an optional dependency of the workspace), the embedded backends, and a Chromium for the tests.
 * What cannot be had is named, together with how to get it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PNPM = 'pnpm@12.21.0'
const [command, ...args] = process.argv.slice(2)

const COMMANDS = {
  demo: { script: 'demo:run', needsBrowser: false },
  test: { script: 'test:run', needsBrowser: true },
  bench: { script: 'bench:run', needsBrowser: true },
}

function say(text) {
  process.stdout.write(`${text}\n`)
}

function fail(text) {
  process.stderr.write(`\n${text}\n`)
  process.exit(1)
}

/** Runs a tool quietly; its output is shown only when it fails. */
function quietly(file, argv, options = {}) {
  const result = spawnSync(file, argv, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26, ...options })
  const isOk = result.status === 0
  return { isOk, output: `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}` }
}

function isInstalled() {
  const marker = join(ROOT, 'node_modules/.modules.yaml')
  if (!existsSync(marker)) return false
  const installedAt = statSync(marker).mtimeMs
  return ['pnpm-lock.yaml', 'pnpm-workspace.yaml'].every(
    (file) => statSync(join(ROOT, file)).mtimeMs <= installedAt,
  )
}

function installWorkspace() {
  if (isInstalled()) return
  const started = Date.now()
  say('Installing the workspace (pnpm comes by itself) …')
  const { isOk, output } = quietly('npx', ['-y', PNPM, 'install', '--frozen-lockfile'])
  if (!isOk) {
    fail(
      `The workspace could not be installed. Is the npm registry in reach?\n\n${output.split('\n').slice(-25).join('\n')}`,
    )
  }
  say(`… installed in ${((Date.now() - started) / 1000).toFixed(0)} s`)
}

/** The Node that comes with the workspace, or the one that runs this if it is new enough. */
function findNode() {
  const own = join(ROOT, 'node_modules/.bin/node')
  if (existsSync(own)) return own
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  return fail(
    `Node ${process.versions.node} is too old for the tests and examples, and no newer one comes as a package for ${process.platform}-${process.arch}. Install Node 24 or newer and try again.`,
  )
}

function hasBrowser(node) {
  const program =
    "import('./dev/backends/src/chromium.ts').then((m) => process.exit(m.findChromium() ? 0 : 1))"
  return quietly(node, ['--input-type=module', '-e', program]).isOk
}

function ensureBrowser(node) {
  if (hasBrowser(node)) return
  const isDebian = existsSync('/etc/debian_version') && process.getuid?.() === 0
  if (isDebian) {
    say('Installing Chromium (apt-get) …')
    quietly('apt-get', ['update', '-qq'])
    quietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  if (hasBrowser(node)) return
  fail(
    'No Chrome or Chromium was found, and the tests need one. Install it (Debian: apt-get install chromium) or name it with CHROMIUM_PATH=/path/to/chrome.',
  )
}

function run(script) {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const bin = join(ROOT, 'node_modules/.bin')
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`
  const child = spawn([scripts[script], ...args.map(quote)].join(' '), {
    cwd: ROOT,
    shell: true,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)))
}

if (!Object.hasOwn(COMMANDS, command))
  fail(`usage: node scripts/start.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`)
installWorkspace()
const node = findNode()
if (COMMANDS[command].needsBrowser) ensureBrowser(node)
run(COMMANDS[command].script)
