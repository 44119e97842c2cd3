import process from 'node:process'
import type { CampaignResult } from '../campaign.ts'
import { type EngineVariant, replayCommand } from '../engine-variant.ts'
import { runSeeds } from '../run-workers.ts'
import { missedSites } from '../sites.ts'
import { recordCampaign } from './record.ts'
import { say } from './say.ts'

/** Below this, a campaign is too short to be asked whether it met everything. */
const CAMPAIGN = 2_000
const TELL_EVERY_MS = 10_000

export interface CampaignCommandOptions extends EngineVariant {
  readonly seeds: number
  readonly from: number
  readonly workers: number
  readonly record?: boolean
}

/** Runs a campaign and says what it met. The process fails if a seed did, or if a fault was never met. */
export async function campaignCommand(options: CampaignCommandOptions): Promise<void> {
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  let told = 0
  const onProgress = (total: CampaignResult) => {
    if (performance.now() - told < TELL_EVERY_MS) return
    told = performance.now()
    say(summary(total, seconds()))
  }
  const total = await runSeeds({ ...options, checksDeterminism: true, onProgress })
  say(summary(total, seconds()))
  for (const [what, times] of Object.entries(total.hits).sort(([, a], [, b]) => b - a))
    say(`${String(times).padStart(10)}  ${what}`)
  const missed = options.seeds >= CAMPAIGN ? missedSites(total.hits) : []
  if (missed.length > 0) say(`never met: ${missed.join(', ')}`)
  for (const { seed, message } of total.failures) say(`${message}\n    ${replayCommand(seed, options)}`)
  if (options.record) recordCampaign({ ...options, total, seconds: seconds() })
  process.exitCode = total.failures.length > 0 || missed.length > 0 ? 1 : 0
}

function summary({ seeds, steps, operations, virtualMs, failures }: CampaignResult, seconds: number): string {
  const rate = (seeds / seconds).toFixed(1)
  const hours = (virtualMs / 3_600_000).toFixed(0)
  return `${seeds} seeds, ${rate} seeds/s, ${steps} steps, ${operations} writes, ${hours} virtual hours, ${failures.length} failures`
}
