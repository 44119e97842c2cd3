import { Worker } from 'node:worker_threads'
import type { CampaignResult, SeedFailure } from './campaign.ts'
import { type EngineVariant, patchesFor } from './engine-variant.ts'
import { Hits } from './hits.ts'
import type { WorkerRequest } from './worker.ts'

export interface CampaignOptions extends EngineVariant {
  readonly from: number
  readonly seeds: number
  readonly workers?: number
  readonly stopsAtFailure?: boolean
  readonly checksDeterminism?: boolean
  readonly onProgress?: (total: CampaignResult) => void
}

/** A worker runs fast only after some hundred seeds, when its code is compiled: shares are as large as they can be. */
const MAX_SHARE = 50_000

/** Runs seeds in worker threads, and adds up what they met. */
export async function runSeeds(options: CampaignOptions): Promise<CampaignResult> {
  const { from, seeds, workers = 2, stopsAtFailure = false, checksDeterminism = false } = options
  const hits = new Hits()
  const failures: SeedFailure[] = []
  const total = { seeds: 0, steps: 0, operations: 0, virtualMs: 0 }
  const sum = (): CampaignResult => ({ ...total, hits: hits.counts, failures })
  const running = new Set<Worker>()
  let isStopped = false
  const take = (part: CampaignResult) => {
    total.seeds += part.seeds
    total.steps += part.steps
    total.operations += part.operations
    total.virtualMs += part.virtualMs
    hits.add(part.hits)
    failures.push(...part.failures)
    if (stopsAtFailure && part.failures.length > 0) {
      isStopped = true
      for (const worker of running) void worker.terminate()
    }
    options.onProgress?.(sum())
  }
  const requests = sharesOf({ from, seeds, workers }).map(
    (share): WorkerRequest => ({
      ...share,
      stopsAtFailure,
      checksDeterminism,
      patches: patchesFor(share.from, options),
    }),
  )
  const runNext = async () => {
    for (;;) {
      const request = isStopped ? undefined : requests.shift()
      if (request === undefined) return
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: request })
      running.add(worker)
      await new Promise<void>((resolve, reject) => {
        worker.on('message', take)
        worker.on('error', reject)
        worker.on('exit', () => resolve())
      })
      running.delete(worker)
    }
  }
  await Promise.all(Array.from({ length: workers }, runNext))
  failures.sort((a, b) => a.seed - b.seed)
  return sum()
}

interface Share {
  readonly from: number
  readonly seeds: number
  readonly step: number
}

/** Even and odd seeds apart, as they are run with different limits. */
function sharesOf({ from, seeds, workers }: { from: number; seeds: number; workers: number }): Share[] {
  const part = 2 * Math.max(1, Math.min(MAX_SHARE, Math.ceil(seeds / workers)))
  const shares: Share[] = []
  for (let begun = 0; begun < seeds; begun += part) {
    const count = Math.min(part, seeds - begun)
    shares.push({ from: from + begun, seeds: Math.ceil(count / 2), step: 2 })
    if (count > 1) shares.push({ from: from + begun + 1, seeds: Math.floor(count / 2), step: 2 })
  }
  return shares
}
