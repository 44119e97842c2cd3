import process from 'node:process'
import { Command } from 'commander'
import type { CampaignResult } from './campaign.ts'
import { SMALL_LIMITS } from './limits.ts'
import { applyPatches } from './patches.ts'
import { replayCommand } from './replay.ts'
import { hasSmallLimits, runSeeds } from './run-workers.ts'
import { missedSites } from './sites.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)

/** Below this, a campaign is too short to be asked whether it met everything. */
const CAMPAIGN = 2_000

const { seeds, from, workers, replay, limits } = new Command('simulate')
  .description('Runs deterministic histories of the whole engine, one for each seed.')
  .option('--seeds <n>', 'how many', Number, 10_000)
  .option('--from <s>', 'the first one', Number, 0)
  .option('--workers <n>', 'threads', Number, 2)
  .option('--limits <which>', 'both, small or product: the bounds of records and folding', 'both')
  .option('--replay <seed>', 'run one seed again, shrink it, and tell it as a story', Number)
  .parse()
  .opts<{
    seeds: number
    from: number
    workers: number
    replay?: number
    limits: 'both' | 'small' | 'product'
  }>()

if (replay === undefined) await campaign()
else {
  if (hasSmallLimits(replay, limits)) applyPatches(SMALL_LIMITS)
  // Loaded only now, so that the small limits are in what it imports.
  const story = await import('./replay.ts')
  say(await story.replay(replay))
}

async function campaign(): Promise<void> {
  const began = performance.now()
  let told = 0
  const onProgress = (total: CampaignResult) => {
    if (performance.now() - told < 10_000) return
    told = performance.now()
    say(summary(total, began))
  }
  const total = await runSeeds({ from, seeds, workers, limits, checksDeterminism: true, onProgress })
  say(summary(total, began))
  for (const [what, times] of Object.entries(total.hits).sort(([, a], [, b]) => b - a))
    say(`${String(times).padStart(10)}  ${what}`)
  const missed = seeds >= CAMPAIGN ? missedSites(total.hits) : []
  if (missed.length > 0) say(`never met: ${missed.join(', ')}`)
  for (const { seed, message } of total.failures) say(`${message}\n    ${replayCommand(seed)}`)
  process.exitCode = total.failures.length > 0 || missed.length > 0 ? 1 : 0
}

function summary(
  { seeds: done, steps, operations, virtualMs, failures }: CampaignResult,
  began: number,
): string {
  const seconds = (performance.now() - began) / 1000
  const rate = (done / seconds).toFixed(1)
  const hours = (virtualMs / 3_600_000).toFixed(0)
  return `${done} seeds, ${rate} seeds/s, ${steps} steps, ${operations} writes, ${hours} virtual hours, ${failures.length} failures`
}
