import type { Identified } from './compile-query.ts'
import { compareText, compareValues } from './order.ts'
import { firstNot } from './sorted.ts'

export interface Entry<T> {
  readonly key: unknown
  readonly document: T
}

/** A stretch of sorted entries. Two parallel lists rather than one of pairs: a third of the memory. */
export interface SortedBlock<T> {
  readonly keys: unknown[]
  readonly documents: T[]
}

/** So many entries are moved at most for one that comes or goes. */
export const FULL = 1024

export function emptyBlock<T>(): SortedBlock<T> {
  return { keys: [], documents: [] }
}

/** By key, then by id. */
export function compareEntries<T extends Identified>(a: Entry<T>, b: Entry<T>): number {
  return compareValues(a.key, b.key) || compareText(a.document.id, b.document.id)
}

/** Negative where the entry at `place` stands before `key` and `id`, 0 where it is that one. */
export function compareAt<T extends Identified>(
  { keys, documents }: SortedBlock<T>,
  place: number,
  { key, id }: { readonly key: unknown; readonly id: string },
): number {
  return compareValues(keys[place], key) || compareText((documents[place] as T).id, id)
}

/** Where `key` and `id` stand in the block, or would stand. */
export function placeIn<T extends Identified>(
  block: SortedBlock<T>,
  sought: { readonly key: unknown; readonly id: string },
): number {
  return firstNot(0, block.keys.length, (i) => compareAt(block, i, sought) < 0)
}

/** The second half of a block, which is taken from it. */
export function splitOff<T>({ keys, documents }: SortedBlock<T>): SortedBlock<T> {
  const half = keys.length >>> 1
  return { keys: keys.splice(half), documents: documents.splice(half) }
}

/** The block without the places given. */
export function without<T>({ keys, documents }: SortedBlock<T>, places: ReadonlySet<number>): SortedBlock<T> {
  return {
    keys: keys.filter((_, place) => !places.has(place)),
    documents: documents.filter((_, place) => !places.has(place)),
  }
}

/** The block with sorted entries merged in, as blocks with room to grow; null if one of them was there. */
export function mergedWith<T extends Identified>(
  block: SortedBlock<T>,
  sorted: readonly Entry<T>[],
): SortedBlock<T>[] | null {
  const blocks: SortedBlock<T>[] = []
  let last = emptyBlock<T>()
  const push = (key: unknown, document: T) => {
    if (last.keys.length === 0) blocks.push(last)
    last.keys.push(key)
    last.documents.push(document)
    if (last.keys.length >= FULL / 2) last = emptyBlock()
  }
  let next = 0
  for (const { key, document } of sorted) {
    const sought = { key, id: document.id }
    let difference = -1
    for (; next < block.keys.length; next++) {
      difference = compareAt(block, next, sought)
      if (difference >= 0) break
      push(block.keys[next], block.documents[next] as T)
    }
    if (next < block.keys.length && difference === 0) return null
    push(key, document)
  }
  for (; next < block.keys.length; next++) push(block.keys[next], block.documents[next] as T)
  return blocks
}
