import { parentPort, workerData } from 'node:worker_threads'
import type { CampaignRequest } from './campaign.ts'
import { SMALL_LIMITS } from './limits.ts'
import { applyPatches, type SourcePatch } from './patches.ts'

/** What a worker thread is started with. */
export interface WorkerRequest extends CampaignRequest {
  readonly hasSmallLimits: boolean
  readonly patches: readonly SourcePatch[]
}

// Thousands of errors are made on purpose, and a replay has their stacks.
Error.stackTraceLimit = 0
const request = workerData as WorkerRequest
applyPatches([...(request.hasSmallLimits ? SMALL_LIMITS : []), ...request.patches])
// Loaded only now, so that the patches are in what it imports.
const { runCampaign } = await import('./campaign.ts')
await runCampaign(request, (part) => parentPort?.postMessage(part))
