import type { Identified } from './compile-query.ts'
import type { DocumentChange } from './document-source.ts'
import { type FieldReader, fieldReader } from './field-path.ts'
import { compareText, compareValues } from './order.ts'
import { firstNot, mergeSorted } from './sorted.ts'

/** Stands for any object: they are equal in the order, and a list's items of that kind have no entry. */
const SOME_OBJECT = Object.freeze({})

interface Entry<T> {
  readonly key: unknown
  readonly document: T
}

/**
 * The documents of a collection sorted by one field, then by id, in the order of `compareValues`.
 * A list has one entry for each distinct plain item; every other document has exactly one entry,
 * also without the field. Keys and documents stand in two parallel lists, to save memory.
 */
export class FieldIndex<T extends Identified> {
  readonly #read: FieldReader
  readonly #keys: unknown[] = []
  readonly #documents: T[] = []
  /** Documents whose field is a list. */
  #lists = 0

  constructor(path: string, documents: Iterable<T>) {
    this.#read = fieldReader(path)
    const all = [...documents]
    for (const document of all) this.#lists += this.#countLists(document)
    this.#replaceAll(this.#entriesOf(all))
  }

  /** True if each document has one entry, so that the index is an order of the collection. */
  get isOrder(): boolean {
    return this.#lists === 0
  }

  get size(): number {
    return this.#keys.length
  }

  keyAt(position: number): unknown {
    return this.#keys[position]
  }

  documentAt(position: number): T {
    return this.#documents[position] as T
  }

  /**
   * Follows a commit. False if an entry that had to be there was not: the source broke its
   * contract, and the index must be built anew.
   */
  apply(changes: readonly DocumentChange<T>[]): boolean {
    // Moving the tail for each entry costs more than one pass over all, from about here on.
    if (changes.length > 8 + this.size / 512) return this.#applyMany(changes)
    return changes.every(({ before, after }) => {
      const removed = before === undefined ? [] : this.#keysOf(before)
      const added = after === undefined ? [] : this.#keysOf(after)
      this.#lists += this.#countLists(after) - this.#countLists(before)
      if (after !== undefined) for (const key of added) this.#put(key, after)
      return (
        before === undefined || removed.every((key) => added.includes(key) || this.#remove(key, before.id))
      )
    })
  }

  #applyMany(changes: readonly DocumentChange<T>[]): boolean {
    const latest = new Map<string, T | undefined>()
    let expected = 0
    for (const { id, before, after } of changes) {
      if (!latest.has(id) && before !== undefined) expected += this.#keysOf(before).length
      this.#lists -= this.#countLists(before)
      latest.set(id, after)
      this.#lists += this.#countLists(after)
    }
    const kept: Entry<T>[] = []
    for (const [i, key] of this.#keys.entries()) {
      const document = this.documentAt(i)
      if (!latest.has(document.id)) kept.push({ key, document })
    }
    const found = this.size - kept.length
    const added = this.#entriesOf([...latest.values()].filter((document) => document !== undefined))
    this.#replaceAll(mergeSorted(kept, added, compareEntries))
    return found === expected
  }

  #replaceAll(entries: readonly Entry<T>[]): void {
    this.#keys.length = 0
    this.#documents.length = 0
    for (const { key, document } of entries) {
      this.#keys.push(key)
      this.#documents.push(document)
    }
  }

  #entriesOf(documents: readonly T[]): Entry<T>[] {
    return documents
      .flatMap((document) => this.#keysOf(document).map((key) => ({ key, document })))
      .sort(compareEntries)
  }

  #countLists(document: T | undefined): number {
    return document !== undefined && Array.isArray(this.#read(document)) ? 1 : 0
  }

  #keysOf(document: T): readonly unknown[] {
    const value = this.#read(document)
    if (!Array.isArray(value)) return [typeof value === 'object' && value !== null ? SOME_OBJECT : value]
    return [...new Set<unknown>(value)].filter((item) => typeof item !== 'object' || item === null)
  }

  #put(key: unknown, document: T): void {
    const place = this.#placeOf(key, document.id)
    const isThere = this.#documents[place]?.id === document.id && compareValues(this.#keys[place], key) === 0
    this.#keys.splice(place, isThere ? 1 : 0, key)
    this.#documents.splice(place, isThere ? 1 : 0, document)
  }

  #remove(key: unknown, id: string): boolean {
    const place = this.#placeOf(key, id)
    if (this.#documents[place]?.id !== id || compareValues(this.#keys[place], key) !== 0) return false
    this.#keys.splice(place, 1)
    this.#documents.splice(place, 1)
    return true
  }

  #placeOf(key: unknown, id: string): number {
    return firstNot(0, this.size, (i) => {
      const difference = compareValues(this.#keys[i], key)
      return difference < 0 || (difference === 0 && this.documentAt(i).id < id)
    })
  }
}

function compareEntries<T extends Identified>(a: Entry<T>, b: Entry<T>): number {
  return compareValues(a.key, b.key) || compareText(a.document.id, b.document.id)
}
