/*
 * The one order of field values, for `orderBy` and for indexes:
 * missing < null < false < true < numbers < strings < lists and objects.
 */

/** Negative, 0 or positive. Lists and objects are equal to each other. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return rankOf(a) - rankOf(b)
}

/** By UTF-16 code units. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function rankOf(value: unknown): number {
  if (typeof value === 'string') return 5
  if (typeof value === 'number') return 4
  if (value === undefined) return 0
  if (value === null) return 1
  if (value === false) return 2
  if (value === true) return 3
  return 6
}
