import type { CompiledQuery, Identified } from './compile-query.ts'
import type { DocumentRef, DocumentSource } from './document-source.ts'
import type { FieldIndex } from './field-index.ts'
import { comparisonRange, type IndexRange, isExact, membershipRanges } from './index-range.ts'
import { compareValues } from './order.ts'
import type { Reader } from './reader.ts'
import { scanInOrder } from './scan-in-order.ts'
import { firstSorted } from './sorted.ts'

export interface IndexedDocuments<T extends Identified> {
  readonly source: DocumentSource<T>
  /** Indexes for `where`; the order by id, which needs none to be declared, is not among them. */
  isIndexed(path: string): boolean
  /** Built on first use; only the order by id, unless all documents are at hand. */
  index(path: string): FieldIndex<T>
}

/** A part of an index that holds every document which matches. */
interface Candidates<T extends Identified> {
  readonly path: string
  readonly index: FieldIndex<T>
  readonly ranges: readonly IndexRange[]
  readonly size: number
}

/**
 * The first `count` documents that match, in order; indexes change how fast, never what. Only a
 * guess if the reader missed some; null if every document has to be looked at, and not all are at hand.
 */
export function runQuery<T extends Identified>(
  documents: IndexedDocuments<T>,
  query: CompiledQuery<T>,
  { count, reader }: { readonly count: number; readonly reader: Reader<T> },
): T[] | null {
  if (count === 0) return []
  const ids = idsAskedFor(query)
  if (ids !== null) {
    const refs = [...ids].map((id) => documents.source.refOf(id)).filter((ref) => ref !== undefined)
    return firstSorted(matching(read(refs, reader), query), count, query.compare)
  }
  const narrow = narrowest(documents, query)
  const inOrder = runInOrder(documents, query, { count, narrow, reader })
  if (inOrder !== null) return inOrder
  const { source } = documents
  if (narrow === null && !source.isAtHand) return null
  const candidates = narrow === null ? source.refs() : refsIn(narrow)
  return firstSorted(matching(read(candidates, reader), query), count, query.compare)
}

/** As many steps through an index cost about what it costs to read one document, with all of its page, from disk. */
const STEPS_A_READ = 5000

function* read<T extends Identified>(refs: Iterable<DocumentRef>, reader: Reader<T>): Iterable<T> {
  for (const ref of refs) {
    const document = reader.read(ref)
    if (document !== undefined) yield document
  }
}

/** The fields whose indexes a run may ask for. */
export function indexedPaths<T extends Identified>(
  { demands, order }: CompiledQuery<T>,
  isIndexed: (path: string) => boolean,
): string[] {
  const paths = [...demands.map(({ path }) => path), ...order.slice(0, 1).map(({ path }) => path)]
  return [...new Set(paths)].filter((path) => path !== 'id' && isIndexed(path))
}

function idsAskedFor<T extends Identified>({ demands }: CompiledQuery<T>): ReadonlySet<string> | null {
  for (const { path, operator, operand } of demands) {
    if (path !== 'id') continue
    if (operator === 'eq') return new Set([operand as string])
    if (operator === 'in') return new Set(operand as string[])
  }
  return null
}

function narrowest<T extends Identified>(
  documents: IndexedDocuments<T>,
  { demands }: CompiledQuery<T>,
): Candidates<T> | null {
  let best: Candidates<T> | null = null
  for (const path of new Set(demands.map((demand) => demand.path))) {
    if (!documents.isIndexed(path)) continue
    const index = documents.index(path)
    const here = demands.filter((demand) => demand.path === path)
    const comparisons = comparisonRange(index, here)
    const choices = here.flatMap((demand) => membershipRanges(index, demand))
    for (const ranges of comparisons === null ? choices : [[comparisons], ...choices]) {
      const size = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
      if (best === null || size < best.size) best = { path, index, ranges, size }
    }
  }
  return best
}

/**
 * Walks an index that is already in the order wanted, until enough was found; null where there is
 * none, or where sorting the candidates costs less.
 */
function runInOrder<T extends Identified>(
  documents: IndexedDocuments<T>,
  query: CompiledQuery<T>,
  {
    count,
    narrow,
    reader,
  }: { readonly count: number; readonly narrow: Candidates<T> | null; readonly reader: Reader<T> },
): T[] | null {
  const [first] = query.order
  const path = first?.path ?? 'id'
  const [range, another] = narrow?.ranges ?? []
  if (narrow !== null && range !== undefined && another === undefined) {
    // Lists in it are equal in any order by this field, and entries of one key go by id: one range
    // of the index is sorted for whatever can match in it, even where the whole is not.
    const isSorted = narrow.path === path || (first === undefined && isOneGroup(narrow.index, range))
    if (isSorted) {
      const isAnswer = isAnswerOf(query, narrow)
      const budget = narrow.size
      return scanInOrder(narrow.index, query, { reader, range, isAnswer, count, budget, candidates: null })
    }
  }
  if (path !== 'id' && !documents.isIndexed(path)) return null
  const { size, isAtHand } = documents.source
  const candidates = narrow?.size ?? size
  const steps = Math.min(size, (count * size) / (candidates + 1))
  const toSort = candidates * (count < candidates ? 1.5 : 1 + Math.log2(candidates + 1))
  // On disk, what candidates there are is known, and what has to be read costs more than all steps to it.
  const isDearer = isAtHand ? steps > toSort : count + steps / STEPS_A_READ > candidates
  if (isDearer) return null
  const index = documents.index(path)
  if (!index.isOrder) return null
  const demands = query.demands.filter((demand) => demand.path === path)
  const whole = { from: 0, to: index.size }
  // Matches can lie late in this order: from some point on, sorting would have cost less.
  const budget = narrow === null ? index.size : 4 * toSort + count
  return scanInOrder(index, query, {
    reader,
    range: comparisonRange(index, demands) ?? whole,
    isAnswer: isAnswerOf(query, { path, index }),
    count,
    budget,
    candidates: isAtHand || narrow === null ? null : new Set(Array.from(refsIn(narrow), ({ id }) => id)),
  })
}

/** True if the range of this index holds those documents alone that match. */
function isAnswerOf<T extends Identified>(
  { demands, isAllDemands }: CompiledQuery<T>,
  { path, index }: Pick<Candidates<T>, 'path' | 'index'>,
): boolean {
  return isAllDemands && index.isOrder && demands.every((one) => one.path === path && isExact(one))
}

/** Entries of one key are in the order of ids. */
function isOneGroup<T extends Identified>(index: FieldIndex<T>, { from, to }: IndexRange): boolean {
  return to - from < 2 || compareValues(index.keyAt(from), index.keyAt(to - 1)) === 0
}

function refsIn<T extends Identified>({ index, ranges }: Candidates<T>): Iterable<DocumentRef> {
  const found: DocumentRef[] = []
  for (const { from, to } of ranges) for (let i = from; i < to; i++) found.push(index.refAt(i))
  // A list has an entry for each item, so several ranges can hold one document.
  return ranges.length > 1 ? new Set(found) : found
}

function* matching<T extends Identified>(
  candidates: Iterable<T>,
  { matches }: CompiledQuery<T>,
): Iterable<T> {
  for (const document of candidates) if (matches(document)) yield document
}
