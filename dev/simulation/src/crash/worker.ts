import { parentPort, workerData } from 'node:worker_threads'
import { loadWithPatches, type SourcePatch } from '../patches.ts'

const { patches, only } = workerData as {
  readonly patches: readonly SourcePatch[]
  readonly only: readonly string[] | null
}
Error.stackTraceLimit = 0
// Loaded only now, so that the patches are in what it imports.
const { enumerateCrashes, scenarios } = await loadWithPatches(patches, () => import('./enumerate.ts'))
for (const scenario of scenarios)
  if (only === null || only.includes(scenario.id)) parentPort?.postMessage(await enumerateCrashes(scenario))
