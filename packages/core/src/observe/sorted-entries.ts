import type { DocumentRef } from './document-source.ts'
import { firstNot } from './sorted.ts'
import {
  blocksOf,
  compareAt,
  type Entry,
  emptyBlock,
  FULL,
  mergedWith,
  placeIn,
  type SortedBlock,
  type SoughtEntry,
  sortedEntries,
  splitOff,
  without,
} from './sorted-block.ts'

export type { Entry } from './sorted-block.ts'

/**
 * Documents under keys, sorted by key (`compareValues`), then by id; one id has a key once. Kept
 * in blocks, so that what one change costs does not grow with how many there are.
 */
export class SortedEntries {
  #blocks: SortedBlock[] = []
  /** Position of the first entry of each block; counted anew when it is asked for after a change. */
  #starts: number[] | null = null
  #size = 0
  /** The block that was read last: reads go along. */
  #near = 0

  get size(): number {
    return this.#size
  }

  keyAt(position: number): unknown {
    const place = this.#placeAt(position)
    return this.#blocks[this.#near]?.keys[place]
  }

  refAt(position: number): DocumentRef {
    const place = this.#placeAt(position)
    return this.#blocks[this.#near]?.refs[place] as DocumentRef
  }

  /** Adds it, or puts it in the place of the one with the same key and id. */
  put(key: unknown, ref: DocumentRef): void {
    const { index, block, place, isThere } = this.#find({ key, id: ref.id })
    if (isThere) {
      block.refs[place] = ref
      return
    }
    if (this.#blocks.length === 0) this.#blocks.push(block)
    block.keys.splice(place, 0, key)
    block.refs.splice(place, 0, ref)
    if (block.keys.length > FULL) this.#blocks.splice(index + 1, 0, splitOff(block))
    this.#resize(1)
  }

  /** False if there was none. */
  remove(key: unknown, id: string): boolean {
    const { index, block, place, isThere } = this.#find({ key, id })
    if (!isThere) return false
    block.keys.splice(place, 1)
    block.refs.splice(place, 1)
    if (block.keys.length === 0) this.#blocks.splice(index, 1)
    this.#resize(-1)
    return true
  }

  /**
   * Removes and adds in one pass, which costs less than one by one for more than a few.
   * False if an entry to remove was not there, or one to add was: then what is left is of no use.
   */
  replaceMany(removed: readonly Entry[], added: readonly Entry[]): boolean {
    return this.#removeMany(removed) && this.#addMany(sortedEntries(added))
  }

  /** Removes all entries of these ids, in one pass. */
  removeIds(ids: ReadonlySet<string>): void {
    for (const [index, block] of this.#blocks.entries()) {
      const places = new Set<number>()
      for (const [place, { id }] of block.refs.entries()) if (ids.has(id)) places.add(place)
      if (places.size === 0) continue
      this.#blocks[index] = without(block, places)
      this.#resize(-places.size)
    }
    this.#blocks = this.#blocks.filter(({ keys }) => keys.length > 0)
  }

  #removeMany(removed: readonly Entry[]): boolean {
    const placesByBlock = new Map<number, Set<number>>()
    for (const { key, ref } of removed) {
      const { index, place, isThere } = this.#find({ key, id: ref.id })
      if (!isThere) return false
      placesByBlock.set(index, (placesByBlock.get(index) ?? new Set()).add(place))
    }
    for (const [index, places] of placesByBlock) {
      const block = this.#blocks[index] as SortedBlock
      this.#blocks[index] = without(block, places)
      this.#resize(-places.size)
    }
    this.#blocks = this.#blocks.filter(({ keys }) => keys.length > 0)
    return true
  }

  #addMany(sorted: readonly Entry[]): boolean {
    if (sorted.length === 0) return true
    const blocks: SortedBlock[] = this.#blocks.length === 0 ? blocksOf(sorted) : []
    let from = 0
    for (const [index, block] of this.#blocks.entries()) {
      const isLast = index === this.#blocks.length - 1
      const to = isLast ? sorted.length : firstNot(from, sorted.length, (i) => isWithin(block, sorted[i]))
      const merged = from === to ? [block] : mergedWith(block, sorted.slice(from, to))
      if (merged === null) return false
      for (const one of merged) blocks.push(one)
      from = to
    }
    this.#blocks = blocks
    this.#resize(sorted.length)
    return true
  }

  #resize(by: number): void {
    this.#size += by
    this.#starts = null
  }

  /** Makes the block that holds the position the near one; returns the place in it. */
  #placeAt(position: number): number {
    this.#starts ??= startsOf(this.#blocks)
    const starts = this.#starts
    const isNear =
      (starts[this.#near] ?? this.#size) <= position && position < (starts[this.#near + 1] ?? this.#size)
    if (!isNear) this.#near = firstNot(0, starts.length, (i) => (starts[i] as number) <= position) - 1
    return position - (starts[this.#near] ?? 0)
  }

  #find(sought: SoughtEntry) {
    const after = firstNot(0, this.#blocks.length, (i) => {
      const block = this.#blocks[i] as SortedBlock
      return compareAt(block, block.keys.length - 1, sought) < 0
    })
    const index = Math.max(0, Math.min(after, this.#blocks.length - 1))
    const block = this.#blocks[index] ?? emptyBlock()
    const place = placeIn(block, sought)
    const isThere = place < block.keys.length && compareAt(block, place, sought) === 0
    return { index, block, place, isThere }
  }
}

/** True if the entry belongs at or before the last one of the block. */
function isWithin(block: SortedBlock, entry: Entry | undefined): boolean {
  if (entry === undefined) return false
  return compareAt(block, block.keys.length - 1, { key: entry.key, id: entry.ref.id }) >= 0
}

function startsOf(blocks: readonly SortedBlock[]): number[] {
  const starts: number[] = []
  let start = 0
  for (const { keys } of blocks) {
    starts.push(start)
    start += keys.length
  }
  return starts
}
