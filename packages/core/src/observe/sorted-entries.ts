import type { Identified } from './compile-query.ts'
import { compareText, compareValues } from './order.ts'
import { firstNot } from './sorted.ts'

export interface Entry<T> {
  readonly key: unknown
  readonly document: T
}

/**
 * Documents under keys, sorted by key (`compareValues`), then by id; one id has a key once.
 * Two parallel lists rather than one of pairs: a third of the memory.
 */
export class SortedEntries<T extends Identified> {
  readonly #keys: unknown[] = []
  readonly #documents: T[] = []

  get size(): number {
    return this.#keys.length
  }

  keyAt(position: number): unknown {
    return this.#keys[position]
  }

  documentAt(position: number): T {
    return this.#documents[position] as T
  }

  /** Adds, or puts the document in the place of the one with the same key and id. */
  put(key: unknown, document: T): void {
    const place = this.#placeOf(key, document.id, this.size)
    const replaced = this.#isAt(place, key, document.id) ? 1 : 0
    this.#keys.splice(place, replaced, key)
    this.#documents.splice(place, replaced, document)
  }

  /** False if there was none. */
  remove(key: unknown, id: string): boolean {
    const place = this.#placeOf(key, id, this.size)
    if (!this.#isAt(place, key, id)) return false
    this.#keys.splice(place, 1)
    this.#documents.splice(place, 1)
    return true
  }

  /**
   * Removes and adds in one pass over all, which costs less than one by one for more than a few.
   * False if an entry to remove was not there, or one to add was: then what is left is of no use.
   */
  replaceMany(removed: readonly Entry<T>[], added: readonly Entry<T>[]): boolean {
    return this.#removeMany(removed) && this.#addMany([...added].sort(compareEntries))
  }

  #removeMany(removed: readonly Entry<T>[]): boolean {
    const places = new Set<number>()
    for (const { key, document } of removed) {
      const place = this.#placeOf(key, document.id, this.size)
      if (!this.#isAt(place, key, document.id)) return false
      places.add(place)
    }
    let write = 0
    for (let read = 0; read < this.#keys.length; read++) {
      if (places.has(read)) continue
      this.#keys[write] = this.#keys[read]
      this.#documents[write] = this.#documents[read] as T
      write += 1
    }
    this.#keys.length = write
    this.#documents.length = write
    return true
  }

  /** From the end backwards, so that each entry moves once and no second list is needed. */
  #addMany(sorted: readonly Entry<T>[]): boolean {
    let end = this.size
    for (const { key, document } of sorted) {
      this.#keys.push(key)
      this.#documents.push(document)
    }
    for (let left = sorted.length; left > 0; left--) {
      const { key, document } = sorted[left - 1] as Entry<T>
      const place = this.#placeOf(key, document.id, end)
      if (place < end && this.#isAt(place, key, document.id)) return false
      for (let i = end - 1; i >= place; i--) {
        this.#keys[i + left] = this.#keys[i]
        this.#documents[i + left] = this.#documents[i] as T
      }
      this.#keys[place + left - 1] = key
      this.#documents[place + left - 1] = document
      end = place
    }
    return true
  }

  #isAt(place: number, key: unknown, id: string): boolean {
    return this.#documents[place]?.id === id && compareValues(this.#keys[place], key) === 0
  }

  #placeOf(key: unknown, id: string, end: number): number {
    return firstNot(0, end, (i) => {
      const difference = compareValues(this.#keys[i], key)
      return difference < 0 || (difference === 0 && this.documentAt(i).id < id)
    })
  }
}

function compareEntries<T extends Identified>(a: Entry<T>, b: Entry<T>): number {
  return compareValues(a.key, b.key) || compareText(a.document.id, b.document.id)
}
