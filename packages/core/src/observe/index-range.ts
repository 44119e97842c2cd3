import type { Demand } from './compile-where.ts'
import { compareValues } from './order.ts'
import { firstNot } from './sorted.ts'

/** Positions of an index, from `from` up to but not `to`. */
export interface IndexRange {
  readonly from: number
  readonly to: number
}

export interface SortedKeys {
  readonly size: number
  keyAt(position: number): unknown
}

/** Greater than every string. */
const AFTER_TEXT = {}

/**
 * The one range that holds every document which passes all comparisons of plain values among
 * `demands`, which are on the index's field; null if there is no such comparison. Such a document
 * has one entry, so ranges of several comparisons intersect.
 */
export function comparisonRange(keys: SortedKeys, demands: readonly Demand[]): IndexRange | null {
  const ranges = demands.map((demand) => rangeOf(keys, demand)).filter((range) => range !== null)
  if (ranges.length === 0) return null
  const from = Math.max(...ranges.map((range) => range.from))
  return { from, to: Math.max(from, Math.min(...ranges.map((range) => range.to))) }
}

/** True if `comparisonRange` holds those documents alone that pass it, where no document has a list. */
export function isExact({ operator, operand }: Demand): boolean {
  return operator === 'eq' ? isPlain(operand) : EXACT.has(operator)
}

const EXACT: ReadonlySet<string> = new Set(['gt', 'gte', 'lt', 'lte', 'startsWith'])

/** Other choices of ranges that hold every document which passes `demand`; the smallest will do. */
export function membershipRanges(keys: SortedKeys, { operator, operand }: Demand): readonly IndexRange[][] {
  if (operator === 'has') return isPlain(operand) ? [[groupOf(keys, operand)]] : []
  if (!Array.isArray(operand)) return []
  if (operator === 'hasAll') return operand.filter(isPlain).map((item) => [groupOf(keys, item)])
  if ((operator !== 'in' && operator !== 'hasAny') || !operand.every(isPlain)) return []
  return [[...new Set(operand)].map((item) => groupOf(keys, item))]
}

/** The range of entries with exactly this key. */
export function groupOf(keys: SortedKeys, key: unknown): IndexRange {
  const from = firstAtLeast(keys, key)
  return { from, to: firstNot(from, keys.size, (i) => compareValues(keys.keyAt(i), key) <= 0) }
}

function rangeOf(keys: SortedKeys, { operator, operand }: Demand): IndexRange | null {
  if (operator === 'eq') return isPlain(operand) ? groupOf(keys, operand) : null
  if (operator === 'startsWith') return prefixRange(keys, String(operand))
  const isText = typeof operand === 'string'
  const first = () => firstAtLeast(keys, isText ? '' : Number.NEGATIVE_INFINITY)
  const end = () => firstAtLeast(keys, isText ? AFTER_TEXT : '')
  if (operator === 'gt') return { from: groupOf(keys, operand).to, to: end() }
  if (operator === 'gte') return { from: firstAtLeast(keys, operand), to: end() }
  if (operator === 'lt') return { from: first(), to: firstAtLeast(keys, operand) }
  if (operator === 'lte') return { from: first(), to: groupOf(keys, operand).to }
  return null
}

function prefixRange(keys: SortedKeys, prefix: string): IndexRange {
  const from = firstAtLeast(keys, prefix)
  const startsSo = (key: unknown) => typeof key === 'string' && key.startsWith(prefix)
  return { from, to: firstNot(from, keys.size, (i) => startsSo(keys.keyAt(i))) }
}

function firstAtLeast(keys: SortedKeys, key: unknown): number {
  return firstNot(0, keys.size, (i) => compareValues(keys.keyAt(i), key) < 0)
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}
