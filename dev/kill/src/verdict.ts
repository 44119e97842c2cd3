/** The highest batch that each writer was told is durable. Batches are counted from 1. */
export type Acknowledged = Record<string, number>

export interface Verdict {
  /** Acknowledged batches that are gone. */
  readonly lost: number
  /** What cannot be the state after any number of whole batches. */
  readonly torn: readonly string[]
}

export const NO_FAULT: Verdict = { lost: 0, torn: [] }

export function addVerdict(left: Verdict, right: Verdict): Verdict {
  return { lost: left.lost + right.lost, torn: [...left.torn, ...right.torn] }
}

/** What was reported lost once is not reported again after the next kill. */
export function forgetLost(acknowledged: Acknowledged, { lost }: Verdict): void {
  if (lost > 0) for (const writer of Object.keys(acknowledged)) delete acknowledged[writer]
}

/** mulberry32: the same seed gives the same kill points. */
export function seededUnit(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Batches that are acknowledged before a kill comes: so many, or any number from 1 on, by seed. */
export type BatchesALife = number | { readonly upTo: number }

export function drawBatches(batches: BatchesALife, unit: () => number): number {
  return typeof batches === 'number' ? batches : 1 + Math.floor(unit() * batches.upTo)
}
