import { parentPort, workerData } from 'node:worker_threads'
import type { CampaignRequest } from './campaign.ts'
import { loadWithPatches, type SourcePatch } from './patches.ts'

/** What a worker thread is started with. */
export interface WorkerRequest extends CampaignRequest {
  readonly patches: readonly SourcePatch[]
}

// Thousands of errors are made on purpose, and a replay has their stacks.
Error.stackTraceLimit = 0
const request = workerData as WorkerRequest
// Loaded only now, so that the patches are in what it imports.
const { runCampaign } = await loadWithPatches(request.patches, () => import('./campaign.ts'))
await runCampaign(request, (part) => parentPort?.postMessage(part))
