import { expect, test } from 'vitest'
import { replayCommand } from '../src/engine-variant.ts'
import { runSeeds } from '../src/run-workers.ts'
import { missedSites } from '../src/sites.ts'

const SEEDS = Number(process.env.SEEDS ?? 3_000)
const FROM = Number(process.env.SEED ?? 0)

test(`${SEEDS} seeds: no write is lost, no change is missed, all come to agree, and every fault was met`, {
  timeout: 600_000,
}, async () => {
  const { seeds, failures, hits } = await runSeeds({ from: FROM, seeds: SEEDS, checksDeterminism: true })
  const told = failures.map(({ seed, message }) => `${message}\n  ${replayCommand(seed)}`)
  expect(told).toEqual([])
  expect(seeds).toBe(SEEDS)
  expect(missedSites(hits)).toEqual([])
})
