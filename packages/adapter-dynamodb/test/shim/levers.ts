/** What the model does to requests. All chances are probabilities, all times are upper bounds in ms. */
export interface Levers {
  /** Between the moments in which the items of one transaction become visible. */
  spreadMs: number
  /** Between the locks and the first item. */
  prepareMs: number
  /** A log item that comes later than the rest of its transaction, and by how much. */
  lateLog: { chance: number; ms: number }
  /** Reads that are not consistent see the state of up to so long ago. */
  staleMs: number
  /** A transaction or a read is throttled. */
  throttle: number
  /** A request or an answer is lost. */
  drop: number
  /** Of several reasons only one is told. */
  hideReasons: number
  /** The head's condition is not enforced. AWS does not do that: it tests what the log's own condition is worth. */
  ignoreHead: number
  /** Items of a transaction that are kept back when all others of it are visible; null: none. */
  hold: Hold | null
}

export interface Hold {
  isHeld(sortKey: string): boolean
  /** Called when the rest is visible; resolves when the held ones may be. */
  restIsVisible(): Promise<void>
}

export const CALM: Levers = {
  spreadMs: 0,
  prepareMs: 0,
  lateLog: { chance: 0, ms: 0 },
  staleMs: 0,
  throttle: 0,
  drop: 0,
  hideReasons: 0,
  ignoreHead: 0,
  hold: null,
}

export const TORN: Levers = { ...CALM, spreadMs: 3, prepareMs: 2, hideReasons: 0.3 }

/** mulberry32: the same numbers for the same seed, in the order in which requests come. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
