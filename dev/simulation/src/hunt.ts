import type { Bug } from './bugs/bug.ts'
import { runSeeds } from './run-workers.ts'

export interface Hunt {
  readonly bug: Bug
  /** Null: none of the seeds found it. */
  readonly found: { readonly seed: number; readonly rule: string; readonly message: string } | null
  readonly seconds: number
}

export interface HuntOptions {
  readonly from?: number
  /** Most seeds that are tried. */
  readonly within?: number
  readonly workers?: number
}

/** Windows grow by this: most bugs are found in the first, which is cheap. */
const FIRST_WINDOW = 60
const GROWTH = 4

/** Runs the engine with a bug in it, until a seed finds it. */
export async function hunt(bug: Bug, options: HuntOptions = {}): Promise<Hunt> {
  const { from = 0, within = 20_000, workers = 1 } = options
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  for (let begun = 0, size = FIRST_WINDOW; begun < within; begun += size, size *= GROWTH) {
    const seeds = Math.min(size, within - begun)
    const request = { from: from + begun, seeds, workers, stopsAtFailure: true, bug: bug.id }
    const [found] = (await runSeeds(request)).failures
    if (found !== undefined) return { bug, found, seconds: seconds() }
  }
  return { bug, found: null, seconds: seconds() }
}
