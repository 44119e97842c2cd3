import { checkState } from './check-state.ts'
import { createDice } from './dice.ts'
import { checkNewcomer, checkReopened, checkReplay, healAndConverge } from './heal.ts'
import type { Plan } from './plan.ts'
import { takeStep } from './steps.ts'
import type { Violation } from './violation.ts'
import { asViolation, World } from './world.ts'

export interface Outcome {
  readonly violation: Violation | null
  readonly trace: readonly string[]
  readonly hits: Readonly<Record<string, number>>
  readonly operations: number
  readonly steps: number
  readonly virtualMs: number
}

export interface HistoryOptions {
  /** Read every disk anew after each step, and not only after some: slower, and earlier. */
  readonly readsDisksAlways?: boolean
}

/** How often a step is followed by reading every disk anew. */
const DISK_RATE = 0.15

/** Runs one history from beginning to end. The same plan gives the same trace, byte for byte. */
export async function runHistory(plan: Plan, options: HistoryOptions = {}): Promise<Outcome> {
  const world = new World(plan)
  let steps = 0
  let violation: Violation | null = null
  const onRejection = (error: unknown) => world.await(Promise.reject(error))
  process.on('unhandledRejection', onRejection)
  try {
    const dice = createDice(`${plan.seed}/checks`)
    for (const device of world.devices) device.openTab()
    await world.time.advance(dice.pick([0, 5, 100]))
    for (const step of plan.steps) {
      steps++
      takeStep(world, step)
      await world.time.advance(step.wait)
      const readsDisks = dice.chance(DISK_RATE)
      await checkState(world, readsDisks || options.readsDisksAlways === true)
    }
    await healAndConverge(world)
    if (!world.hasLostHistory && dice.chance(0.2)) await checkReplay(world)
    if (dice.chance(0.2)) await checkNewcomer(world)
    if (dice.chance(0.2)) await checkReopened(world)
  } catch (error) {
    violation = asViolation(error)
    world.say(`BROKEN ${violation.message}`)
  } finally {
    for (const device of world.devices) device.killAll()
    process.off('unhandledRejection', onRejection)
  }
  return {
    violation,
    trace: world.trace,
    hits: world.hits.counts,
    operations: world.operations,
    steps,
    virtualMs: world.time.elapsed(),
  }
}
