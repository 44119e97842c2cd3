import type { SwarmConfig } from './config.ts'
import { type Outcome, runHistory } from './history.ts'
import type { Plan } from './plan.ts'

export interface Shrunk {
  readonly plan: Plan
  readonly outcome: Outcome
  readonly runs: number
}

/**
 * Leaves out steps, then faults, as long as the same rule is still broken: what remains is short
 * and fails for the same reason. Null if the plan does not fail.
 */
export async function shrink(
  plan: Plan,
  options: { readonly maxRuns?: number } = {},
): Promise<Shrunk | null> {
  const { maxRuns = 600 } = options
  const reads = { readsDisksAlways: true }
  let runs = 1
  let best = plan
  let outcome = await runHistory(plan, reads)
  if (outcome.violation === null) {
    outcome = await runHistory(plan)
    if (outcome.violation === null) return null
  }
  const { rule } = outcome.violation ?? { rule: '' }
  best = { ...best, steps: best.steps.slice(0, outcome.steps) }

  const attempt = async (candidate: Plan): Promise<boolean> => {
    if (runs >= maxRuns) return false
    runs++
    const result = await runHistory(candidate, reads)
    if (result.violation?.rule !== rule) return false
    best = candidate
    outcome = result
    return true
  }

  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.steps.length; ) {
      const steps = best.steps.toSpliced(at, size)
      if (!(await attempt({ ...best, steps }))) at += size
    }
  }
  for (const fault of best.config.faults)
    await attempt(withConfig(best, { faults: best.config.faults.filter((one) => one !== fault) }))
  for (const change of CALMER) await attempt(withConfig(best, change))
  return { plan: best, outcome, runs }
}

const CALMER: readonly Partial<SwarmConfig>[] = [
  { replicas: 2 },
  { storeDelay: 0 },
  { maxDelay: 0 },
  { skew: 0 },
  { pullLimit: 100 },
  { maxBatch: 1_000 },
]

/** Steps name replicas by number: those of a device that is not there any more go to another. */
function withConfig(plan: Plan, change: Partial<SwarmConfig>): Plan {
  const config = { ...plan.config, ...change }
  const steps = plan.steps.map((step) => ({ ...step, replica: step.replica % config.replicas }))
  return { ...plan, config, steps }
}
