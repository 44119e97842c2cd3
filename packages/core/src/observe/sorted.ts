/** The first position from `from` to `to` whose item is not before the place sought; items that are come first. */
export function firstNot(from: number, to: number, isBefore: (position: number) => boolean): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** Where `item` stands, or would stand, in `items`. */
export function placeOf<T>(items: readonly T[], item: T, compare: (a: T, b: T) => number): number {
  return firstNot(0, items.length, (i) => compare(items[i] as T, item) < 0)
}

/** Two sorted lists as one. */
export function mergeSorted<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): T[] {
  const merged: T[] = []
  let next = 0
  for (const item of a) {
    for (; next < b.length && compare(b[next] as T, item) < 0; next++) merged.push(b[next] as T)
    merged.push(item)
  }
  for (; next < b.length; next++) merged.push(b[next] as T)
  return merged
}

/** The first `limit` of `items` in order, without sorting the rest. */
export function firstSorted<T>(items: Iterable<T>, limit: number, compare: (a: T, b: T) => number): T[] {
  if (limit === Number.POSITIVE_INFINITY) return [...items].sort(compare)
  const first: T[] = []
  if (limit === 0) return first
  for (const item of items) {
    if (first.length === limit) {
      if (compare(item, first[limit - 1] as T) >= 0) continue
      first.pop()
    }
    first.splice(placeOf(first, item, compare), 0, item)
  }
  return first
}
