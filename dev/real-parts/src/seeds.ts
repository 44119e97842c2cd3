import { expect, test, vi } from 'vitest'
import { type Outcome, scenario } from './scenario.ts'
import type { Site } from './site.ts'
import { FAULT_NAMES } from './weather.ts'

const FIRST = Number(process.env.SEED ?? 0)
const COUNT = Number(process.env.SEEDS ?? 50)

/** Enough to meet each other at the server. More would only wait for the same core, and into their timeouts. */
const AT_ONCE = 3

/** A test for each seed; a failure prints the command that runs that seed alone. */
export function testSeeds(file: string, siteOf: (seed: number) => Site | Promise<Site>): void {
  const outcomes: Outcome[] = []
  vi.setConfig({ maxConcurrency: AT_ONCE })
  test.concurrent.each(Array.from({ length: COUNT }, (_, i) => FIRST + i))(
    'seed %i: eight clients and the server agree, and every write is accounted for',
    async (seed) => {
      try {
        outcomes.push(await scenario(seed, await siteOf(seed)))
      } catch (error) {
        const replay = `SEED=${seed} SEEDS=1 npx vitest run --project backend dev/real-parts/test/${file}`
        throw new Error(`seed ${seed} failed; run it again with\n  ${replay}\n${String(error)}`, {
          cause: error,
        })
      }
    },
  )

  if (COUNT < 50) return
  test('every kind of fault happened', () => {
    const faults = new Set(outcomes.flatMap((outcome) => Object.keys(outcome.faults)))
    expect([...faults].sort()).toEqual([...FAULT_NAMES].sort())
    if (process.env.REPORT !== undefined) report(outcomes)
  })
}

function report(outcomes: readonly Outcome[]): void {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, one) => total + of(one), 0)
  const faults = sum((one) => Object.values(one.faults).reduce((total, count) => total + count, 0))
  console.log(
    `${outcomes.length} seeds: ${sum((one) => one.requests)} requests, ${faults} faults, ` +
      `${sum((one) => one.writes)} writes, ${sum((one) => one.versions)} versions`,
  )
}
