import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { expect, test } from 'vitest'
import { replayCommand } from '../src/engine-variant.ts'
import { loadWithPatches } from '../src/patches.ts'
import { runSeeds } from '../src/run-workers.ts'

/** Runs the printed command, as a person would. */
function run(command: string): string {
  const args = command.replace('pnpm simulate ', '').split(' ')
  return execFileSync(process.execPath, ['dev/simulation/src/cli.ts', ...args], { encoding: 'utf8' })
}

/** Fails only where slices of records are small, as they are for odd seeds, or where it is asked for. */
const ONLY_WITH_SMALL_LIMITS = 'full-slice-is-last'

test.each([
  { seed: 1, limits: 'both' },
  { seed: 2, limits: 'small' },
] as const)(
  'the command that is printed for seed $seed, limits $limits, breaks the same rule in a few steps',
  { timeout: 60_000 },
  async ({ seed: from, limits }) => {
    const variant = { limits, bug: ONLY_WITH_SMALL_LIMITS }
    const { failures } = await runSeeds({ from, seeds: 60, stopsAtFailure: true, workers: 1, ...variant })
    const [failure] = failures
    expect(failure).toBeDefined()
    const story = run(replayCommand(failure?.seed ?? 0, variant))
    expect(story).toContain(`BROKEN ${failure?.rule}:`)
    const steps = Number(/^(\d+) steps are left/m.exec(story)?.[1])
    expect(steps).toBeLessThanOrEqual(12)
  },
)

test('a seed that holds says so', () => {
  expect(run(replayCommand(3))).toBe('seed 3 holds\n')
})

test('a patch that comes too late, or of a file that nobody loads, is a failure', async () => {
  const patches = [{ file: 'storage/keys.ts', find: 'const DIGITS = 10', replace: 'const DIGITS = 12' }]
  await expect(loadWithPatches(patches, async () => null)).rejects.toThrow('too late')
})
