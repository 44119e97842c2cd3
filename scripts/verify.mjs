/* The developer's one command: everything that CI would say, and the packages as they would be published. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const PNPM = ['npx', '-y', 'pnpm@12.21.0']
const isFast = process.argv.includes('--fast')

const steps = [
  ['format and lint', ['biome', 'check', '.']],
  ['types', ['tsc', '-p', 'tsconfig.json']],
  ['build', [...PNPM, '-r', '--filter', './packages/*', 'run', 'build']],
  ['packages', packageLint],
  ['size', ['size-limit', '--silent']],
  ...(isFast ? [] : [['tests', ['vitest', 'run']]]),
]

function packageLint() {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-pack-'))
  try {
    for (const name of readdirSync('packages')) {
      if (
        !run([...PNPM, '--dir', join('packages', name), 'pack', '--pack-destination', dir], { quiet: true })
      )
        return false
    }
    return readdirSync(dir).every(
      (file) =>
        run(['publint', 'run', join(dir, file), '--strict'], { quiet: true }) &&
        run(['attw', join(dir, file), '--profile', 'esm-only', '--quiet'], { quiet: true }),
    )
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function run([file, ...args], { quiet = false } = {}) {
  const result = spawnSync(file, args, { encoding: 'utf8', stdio: quiet ? 'pipe' : 'inherit' })
  if (result.status !== 0 && quiet)
    process.stdout.write(`${file} ${args.join(' ')}\n${result.stdout}${result.stderr}`)
  return result.status === 0
}

for (const [title, step] of steps) {
  const started = Date.now()
  process.stdout.write(`── ${title}\n`)
  const isOk = typeof step === 'function' ? step() : run(step, { quiet: title === 'build' })
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  process.stdout.write(`── ${title}: ${isOk ? 'ok' : 'FAILED'} (${seconds} s)\n`)
  if (!isOk) process.exit(1)
}
