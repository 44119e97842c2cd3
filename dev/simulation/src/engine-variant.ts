import { bugs } from './bugs/all.ts'
import { SMALL_LIMITS } from './limits.ts'
import type { SourcePatch } from './patches.ts'

/** `both`: odd seeds with small limits, even ones with the product's. */
export type Limits = 'both' | 'small' | 'product'

/** Which engine a seed is run with: what a replay needs besides the seed. */
export interface EngineVariant {
  readonly limits?: Limits
  /** Id of a bug that is put into it. */
  readonly bug?: string
}

/** The limits that a seed is run with: the same ones whichever worker gets it. */
export function hasSmallLimits(seed: number, limits: Limits = 'both'): boolean {
  return limits === 'small' || (limits === 'both' && seed % 2 === 1)
}

/** Throws if there is no such bug. */
export function patchesFor(seed: number, { limits, bug: id }: EngineVariant): readonly SourcePatch[] {
  const bug = bugs.find((one) => one.id === id)
  if (id !== undefined && bug === undefined)
    throw new Error(`there is no bug "${id}". There are: ${bugs.map((one) => one.id).join(', ')}`)
  return [...(hasSmallLimits(seed, limits) ? SMALL_LIMITS : []), ...(bug?.patches ?? [])]
}

/** The command that runs one seed again, in the same engine, and tells its shortest story. */
export function replayCommand(seed: number, { limits = 'both', bug }: EngineVariant = {}): string {
  return [
    `pnpm simulate --replay ${seed}`,
    ...(limits === 'both' ? [] : [`--limits ${limits}`]),
    ...(bug === undefined ? [] : [`--bug ${bug}`]),
  ].join(' ')
}
