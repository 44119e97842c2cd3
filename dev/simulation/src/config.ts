import type { Dice } from './dice.ts'

/** Faults that a seed can have on or off as a whole ("swarm testing", Groce et al., ISSTA 2012). */
export const FAULTS = [
  'crashes',
  'power cuts',
  'frozen tabs',
  'stolen locks',
  'failing disk',
  'full disk',
  'lost store',
  'lost requests',
  'lost responses',
  'duplicates',
  'garbled answers',
  'silence',
  'partitions',
  'throttling',
  'expired sessions',
  'foreign writes',
  'late commits',
  'restores',
  'forgotten tombstones',
  'clock jumps',
  'rejections',
  'changing server',
] as const

/** Drawn after everything else, so that seeds without it are the histories that they were before it came. */
const OLD_VERSIONS = 'old versions'

export type Fault = (typeof FAULTS)[number] | typeof OLD_VERSIONS

export interface SwarmConfig {
  readonly replicas: number
  readonly maxTabs: number
  readonly documents: number
  readonly faults: readonly Fault[]
  /** Chance of each network fault that is on, per request. */
  readonly networkRate: number
  /** Most ms that a request takes, one way. */
  readonly maxDelay: number
  /** Most ms before and after an operation of a local store takes effect. */
  readonly storeDelay: number
  readonly pullLimit: number
  /** Most mutations in one push. */
  readonly maxBatch: number
  readonly skew: number
  readonly steps: number
  /** Some histories hold so many documents that pages fill and are compacted. */
  readonly isBulky: boolean
}

export function drawConfig(dice: Dice): SwarmConfig {
  const isCalm = dice.chance(0.04)
  const density = dice.pick([0.15, 0.3, 0.5])
  const config = {
    replicas: dice.pick([2, 2, 2, 3, 3, 4, 5]),
    maxTabs: dice.pick([1, 1, 2, 3]),
    documents: dice.pick([1, 2, 3, 6]),
    faults: withoutBoth(FAULTS.filter(() => !isCalm && dice.chance(density))),
    networkRate: dice.pick([0.05, 0.2, 0.4]),
    maxDelay: dice.pick([0, 2, 30, 400]),
    storeDelay: dice.pick([0, 0, 1, 5]),
    maxBatch: dice.pick([4, 1_000, 1_000]),
    pullLimit: dice.pick([1, 2, 3, 100]),
    skew: dice.pick([0, 0, 60_000, 600_000]),
    steps: dice.pick([25, 40, 70]),
    isBulky: dice.chance(0.01),
  }
  const hasOldVersions = dice.chance(density) && !isCalm
  return hasOldVersions ? { ...config, faults: [...config.faults, OLD_VERSIONS] } : config
}

/**
 * A disk that loses its tail and a server that loses its history can together send another document
 * under a revision that others know: docs/simulation.md, "What is not checked".
 */
function withoutBoth(faults: readonly Fault[]): readonly Fault[] {
  return faults.includes('restores') ? faults.filter((fault) => fault !== 'power cuts') : faults
}
