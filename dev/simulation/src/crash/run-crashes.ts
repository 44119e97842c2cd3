import { Worker } from 'node:worker_threads'
import { type EngineVariant, patchesFor } from '../engine-variant.ts'
import type { Enumerated } from './enumerate.ts'

/** Enumerates the crash points of every scenario, or of some, in a thread with an engine of its own. */
export async function runCrashes(
  options: EngineVariant & { readonly only?: readonly string[] } = {},
): Promise<Enumerated[]> {
  const results: Enumerated[] = []
  const workerData = { patches: patchesFor(0, options), only: options.only ?? null }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData })
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (result: Enumerated) => results.push(result))
    worker.on('error', reject)
    worker.on('exit', () => resolve())
  })
  return results
}
