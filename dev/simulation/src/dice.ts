import { seededRandom } from '@holdfast/testkit'

/** Seeded choices. Each use has a stream of its own, so that leaving one out does not shift the others. */
export interface Dice {
  unit(): number
  /** A whole number in [0, n). */
  below(n: number): number
  chance(p: number): boolean
  pick<T>(list: readonly T[]): T
}

export function createDice(seed: string): Dice {
  const unit = seededRandom(seed)
  const below = (n: number) => Math.floor(unit() * n)
  return {
    unit,
    below,
    chance: (p) => unit() < p,
    pick: <T>(list: readonly T[]) => list[below(list.length)] as T,
  }
}
