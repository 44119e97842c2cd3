import { checkReopened, healAndConverge } from '../heal.ts'
import { Violation } from '../violation.ts'
import { lifeScenarios } from './life.ts'
import type { Scenario } from './scenario.ts'
import { type Crash, Crashed, type Point, Stage } from './stage.ts'
import { syncScenarios } from './sync.ts'
import { writeScenarios } from './writes.ts'

export const scenarios: readonly Scenario[] = [...writeScenarios, ...syncScenarios, ...lifeScenarios]

export interface Enumerated {
  readonly id: string
  readonly title: string
  readonly points: number
  readonly runs: number
  /** What went wrong, with the point at which the crash came. */
  readonly failures: readonly string[]
}

/** Runs a scenario once as it is, and then once for each point in it and each unsynced tail, with a crash there. */
export async function enumerateCrashes(scenario: Scenario): Promise<Enumerated> {
  const { id, title } = scenario
  const whole = await run(scenario, null)
  const failures = [...whole.failures]
  for (const hit of scenario.meets ?? [])
    if (!(hit in whole.hits)) failures.push(`${id} does not do what it is for: no "${hit}"`)
  let runs = 0
  for (const [at, point] of whole.points.entries()) {
    for (const keeps of tailsOf(point)) {
      runs++
      failures.push(...(await run(scenario, { at, keeps })).failures)
    }
  }
  return { id, title, points: whole.points.length, runs, failures }
}

/** All of the unsynced tail survives, half of it, or none. */
function tailsOf({ unsynced }: Point): Set<number> {
  return new Set([unsynced, Math.floor(unsynced / 2), 0])
}

function isCrash(error: unknown): true {
  if (error instanceof Crashed) return true
  throw error
}

async function run(scenario: Scenario, crash: Crash | null) {
  const stage = new Stage(crash)
  const { world, points } = stage
  const failures: string[] = []
  const onRejection = (error: unknown) => world.await(Promise.reject(error))
  process.on('unhandledRejection', onRejection)
  try {
    await scenario.prepare?.(stage)
    stage.arm()
    const isCrashed = await scenario.act(stage).then(() => false, isCrash)
    stage.disarm()
    if (isCrashed !== (crash !== null)) throw new Violation('points', 'the crash did not come as told')
    await healAndConverge(world)
    await scenario.verify?.(stage)
    await checkReopened(world)
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    const where =
      crash === null
        ? ''
        : `, crashed ${points[crash.at]?.what} (point ${crash.at}), keeping ${crash.keeps} unsynced writes`
    failures.push([`${scenario.id}${where}: ${error.message}`, ...world.trace].join('\n'))
  } finally {
    for (const device of world.devices) device.killAll()
    process.off('unhandledRejection', onRejection)
  }
  return { points, failures, hits: world.hits.counts }
}
