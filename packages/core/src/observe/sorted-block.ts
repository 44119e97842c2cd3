import type { DocumentRef } from './document-source.ts'
import { compareText, compareValues } from './order.ts'
import { firstNot } from './sorted.ts'

export interface Entry {
  readonly key: unknown
  readonly ref: DocumentRef
}

export interface SoughtEntry {
  readonly key: unknown
  readonly id: string
}

/** A stretch of sorted entries. Two parallel lists rather than one of pairs: a third of the memory. */
export interface SortedBlock {
  readonly keys: unknown[]
  readonly refs: DocumentRef[]
}

/** So many entries are moved at most for one that comes or goes. */
export const FULL = 1024

export function emptyBlock(): SortedBlock {
  return { keys: [], refs: [] }
}

/**
 * By key, then by id. Keys of which there are few are told apart first, and what has the same one
 * goes by id: documents mostly come in that order, and are not compared often then.
 */
export function sortedEntries(entries: readonly Entry[]): Entry[] {
  const byKey = new Map<unknown, Entry[]>()
  for (const entry of entries) {
    const same = byKey.get(entry.key)
    if (same !== undefined) same.push(entry)
    else if (byKey.size * MANY_WITH_ONE_KEY > entries.length) return [...entries].sort(compareEntries)
    else byKey.set(entry.key, [entry])
  }
  const groups = [...byKey.values()].sort(([a], [b]) => compareValues(a?.key, b?.key))
  return groups.flatMap((same) => same.sort(compareIds))
}

/** As many entries with one key, or more, are few keys. */
const MANY_WITH_ONE_KEY = 8

function compareEntries(a: Entry, b: Entry): number {
  return compareValues(a.key, b.key) || compareIds(a, b)
}

function compareIds(a: Entry, b: Entry): number {
  return compareText(a.ref.id, b.ref.id)
}

/** Negative where the entry at `place` stands before `key` and `id`, 0 where it is that one. */
export function compareAt({ keys, refs }: SortedBlock, place: number, { key, id }: SoughtEntry): number {
  return compareValues(keys[place], key) || compareText((refs[place] as DocumentRef).id, id)
}

/** Where `key` and `id` stand in the block, or would stand. */
export function placeIn(block: SortedBlock, sought: SoughtEntry): number {
  return firstNot(0, block.keys.length, (i) => compareAt(block, i, sought) < 0)
}

/** The second half of a block, which is taken from it. */
export function splitOff({ keys, refs }: SortedBlock): SortedBlock {
  const half = keys.length >>> 1
  return { keys: keys.splice(half), refs: refs.splice(half) }
}

/** The block without the places given. */
export function without({ keys, refs }: SortedBlock, places: ReadonlySet<number>): SortedBlock {
  return {
    keys: keys.filter((_, place) => !places.has(place)),
    refs: refs.filter((_, place) => !places.has(place)),
  }
}

/** Sorted entries in blocks with room to grow. */
export function blocksOf(sorted: readonly Entry[]): SortedBlock[] {
  const blocks: SortedBlock[] = []
  for (let from = 0; from < sorted.length; from += FULL / 2) {
    const some = sorted.slice(from, from + FULL / 2)
    blocks.push({ keys: some.map(({ key }) => key), refs: some.map(({ ref }) => ref) })
  }
  return blocks
}

/** The block with sorted entries merged in, as blocks with room to grow; null if one of them was there. */
export function mergedWith(block: SortedBlock, sorted: readonly Entry[]): SortedBlock[] | null {
  const blocks: SortedBlock[] = []
  let last = emptyBlock()
  const push = (key: unknown, ref: DocumentRef) => {
    if (last.keys.length === 0) blocks.push(last)
    last.keys.push(key)
    last.refs.push(ref)
    if (last.keys.length >= FULL / 2) last = emptyBlock()
  }
  let next = 0
  for (const { key, ref } of sorted) {
    const sought = { key, id: ref.id }
    let difference = -1
    for (; next < block.keys.length; next++) {
      difference = compareAt(block, next, sought)
      if (difference >= 0) break
      push(block.keys[next], block.refs[next] as DocumentRef)
    }
    if (next < block.keys.length && difference === 0) return null
    push(key, ref)
  }
  for (; next < block.keys.length; next++) push(block.keys[next], block.refs[next] as DocumentRef)
  return blocks
}
