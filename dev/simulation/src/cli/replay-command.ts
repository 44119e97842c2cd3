import { type EngineVariant, patchesFor } from '../engine-variant.ts'
import { loadWithPatches } from '../patches.ts'
import { say } from './say.ts'

/** Tells the shortest story of one seed. Nothing here may load core before its patches are in place. */
export async function replayCommand(seed: number, variant: EngineVariant): Promise<void> {
  const { replay } = await loadWithPatches(patchesFor(seed, variant), () => import('../replay.ts'))
  say(await replay(seed))
}
