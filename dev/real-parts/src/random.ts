/** Seeded randomness (mulberry32, by T. Ettinger): one seed is one list of choices. */
export function randomOf(seed: number) {
  let state = seed >>> 0
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    unit,
    below: (n: number) => Math.floor(unit() * n),
    chance: (p: number) => unit() < p,
    pick: <T>(list: readonly T[]): T => list[Math.floor(unit() * list.length)] as T,
  }
}

export type Random = ReturnType<typeof randomOf>
