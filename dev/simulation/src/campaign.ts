import { runHistory } from './history.ts'
import { drawPlan } from './plan.ts'

export interface CampaignRequest {
  readonly from: number
  readonly seeds: number
  /** Every `step`-th seed from `from` on. */
  readonly step: number
  /** Stop at the first seed that fails. */
  readonly stopsAtFailure: boolean
  /** Seeds of which one in a hundred is run twice, and must leave the same trace. */
  readonly checksDeterminism: boolean
}

export interface SeedFailure {
  readonly seed: number
  readonly rule: string
  readonly message: string
}

export interface CampaignResult {
  readonly seeds: number
  readonly steps: number
  readonly operations: number
  readonly virtualMs: number
  readonly hits: Readonly<Record<string, number>>
  readonly failures: readonly SeedFailure[]
}

const REPEAT_EVERY = 100

/** Runs seeds one after the other. `onProgress` hears of each. */
export async function runCampaign(
  request: CampaignRequest,
  onProgress: (part: CampaignResult) => void = () => {},
): Promise<void> {
  const { from, seeds, step, stopsAtFailure, checksDeterminism } = request
  for (let i = 0; i < seeds; i++) {
    const seed = from + i * step
    const outcome = await runHistory(drawPlan(seed))
    const failures: SeedFailure[] = []
    if (outcome.violation !== null)
      failures.push({ seed, rule: outcome.violation.rule, message: outcome.violation.message })
    if (checksDeterminism && seed % REPEAT_EVERY === 0) {
      const again = await runHistory(drawPlan(seed))
      if (again.trace.join('\n') !== outcome.trace.join('\n'))
        failures.push({ seed, rule: 'determinism', message: 'the same seed left another trace' })
    }
    const { steps, operations, virtualMs, hits } = outcome
    onProgress({ seeds: 1, steps, operations, virtualMs, hits, failures })
    if (stopsAtFailure && failures.length > 0) return
  }
}
