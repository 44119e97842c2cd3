import { drawPlan } from './plan.ts'
import { shrink } from './shrink.ts'

/** The command that runs one seed again and tells its shortest story. */
export const replayCommand = (seed: number) => `pnpm simulate --replay ${seed}`

/** Runs one seed again, shrinks it if it fails, and tells it. */
export async function replay(seed: number): Promise<string> {
  const shrunk = await shrink(drawPlan(seed))
  if (shrunk === null) return `seed ${seed} holds`
  const { plan, outcome, runs } = shrunk
  const { replicas, maxTabs, documents, faults } = plan.config
  return [
    `seed ${seed}: ${outcome.violation?.message}`,
    `${replicas} devices with up to ${maxTabs} tabs, ${documents} documents; faults: ${faults.join(', ') || 'none'}`,
    `${plan.steps.length} steps are left, after ${runs} runs:`,
    ...outcome.trace,
  ].join('\n')
}
