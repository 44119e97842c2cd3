import type { CompiledQuery, Identified } from './compile-query.ts'
import type { FieldIndex } from './field-index.ts'
import { groupOf, type IndexRange } from './index-range.ts'
import { compareValues } from './order.ts'
import type { Reader } from './reader.ts'

export interface Scan<T extends Identified> {
  readonly reader: Reader<T>
  readonly range: IndexRange
  /** Everything in the range matches: documents are not looked into, which costs more than all the rest. */
  readonly isAnswer: boolean
  readonly count: number
  /** Most documents to look at. */
  readonly budget: number
  /** Ids of which no other matches; null: not known. */
  readonly candidates: ReadonlySet<string> | null
}

/**
 * The first `count` matches of `range`, in the query's order; null when the budget is used up.
 * The index is sorted by the query's first field, then by id: documents with one key stand
 * together, and are sorted by the query's further fields where it has some. What the reader misses
 * is counted as if it matched.
 */
export function scanInOrder<T extends Identified>(
  index: FieldIndex<T>,
  query: CompiledQuery<T>,
  { reader, range, isAnswer, count, budget, candidates }: Scan<T>,
): T[] | null {
  const descending = query.order[0]?.descending === true
  const sortsGroups = query.order.length > 1
  const found: T[] = []
  const { missing, ahead } = reader
  const goesOn = () => found.length < count && found.length + missing.length < count + ahead
  let looked = 0
  let { from, to } = range
  while (from < to && goesOn()) {
    const group = descending
      ? { from: Math.max(from, groupStart(index, to - 1)), to }
      : { from, to: sortsGroups ? Math.min(to, groupOf(index, index.keyAt(from)).to) : to }
    const before = found.length
    for (let i = group.from; i < group.to && (sortsGroups || goesOn()); i++) {
      const ref = index.refAt(i)
      if (candidates !== null && !candidates.has(ref.id)) continue
      looked += 1
      if (looked > budget) return null
      const document = reader.read(ref)
      if (document !== undefined && (isAnswer || query.matches(document))) found.push(document)
    }
    if (sortsGroups) for (const document of found.splice(before).sort(query.compare)) found.push(document)
    if (descending) to = group.from
    else from = group.to
  }
  return found.length > count ? found.slice(0, count) : found
}

/** Most keys stand alone: a look at the neighbour saves the search. */
function groupStart<T extends Identified>(index: FieldIndex<T>, last: number): number {
  const key = index.keyAt(last)
  if (last === 0 || compareValues(index.keyAt(last - 1), key) !== 0) return last
  return groupOf(index, key).from
}
