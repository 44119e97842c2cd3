import type { Identified } from './compile-query.ts'
import type { DocumentChange } from './document-source.ts'
import { type FieldReader, fieldReader } from './field-path.ts'
import { type Entry, SortedEntries } from './sorted-entries.ts'

/** Stands for any object: they are equal in the order, and as items of a list have no entry. */
const SOME_OBJECT = Object.freeze({})

/**
 * The documents of a collection sorted by one field, then by id. A list has one entry for each
 * distinct plain item; every other document has exactly one entry, also without the field.
 */
export class FieldIndex<T extends Identified> {
  readonly #read: FieldReader
  readonly #entries = new SortedEntries<T>()
  /** Documents whose field is a list. */
  #lists = 0

  constructor(path: string, documents: Iterable<T>) {
    this.#read = fieldReader(path)
    const entries: Entry<T>[] = []
    for (const document of documents) this.#collect(document, 1, entries)
    this.#entries.replaceMany([], entries)
  }

  /** True if each document has one entry, so that the index is an order of the collection. */
  get isOrder(): boolean {
    return this.#lists === 0
  }

  get size(): number {
    return this.#entries.size
  }

  keyAt(position: number): unknown {
    return this.#entries.keyAt(position)
  }

  documentAt(position: number): T {
    return this.#entries.documentAt(position)
  }

  /**
   * Follows a commit. False if an entry that had to be there was not, or the other way round: the
   * source broke its contract, and the index must be built anew.
   */
  apply(changes: readonly DocumentChange<T>[]): boolean {
    // One pass over the blocks costs less than one by one, from about here on.
    return changes.length > 8 + this.size / 512
      ? this.#applyMany(changes)
      : changes.every((one) => this.#applyOne(one))
  }

  #applyOne({ before, after }: DocumentChange<T>): boolean {
    const removed = this.#keysOf(before)
    const added = this.#keysOf(after)
    this.#lists += this.#countLists(after) - this.#countLists(before)
    if (after !== undefined) for (const key of added) this.#entries.put(key, after)
    return (
      before === undefined ||
      removed.every((key) => added.includes(key) || this.#entries.remove(key, before.id))
    )
  }

  #applyMany(changes: readonly DocumentChange<T>[]): boolean {
    // A document can change twice in one commit: from its first state to its last.
    const changed = new Map<string, DocumentChange<T>>()
    for (const change of changes) {
      changed.set(change.id, { ...change, before: (changed.get(change.id) ?? change).before })
    }
    const removed: Entry<T>[] = []
    const added: Entry<T>[] = []
    for (const { before, after } of changed.values()) {
      this.#collect(before, -1, removed)
      this.#collect(after, 1, added)
    }
    return this.#entries.replaceMany(removed, added)
  }

  #collect(document: T | undefined, sign: 1 | -1, entries: Entry<T>[]): void {
    if (document === undefined) return
    this.#lists += sign * this.#countLists(document)
    for (const key of this.#keysOf(document)) entries.push({ key, document })
  }

  #countLists(document: T | undefined): number {
    return document !== undefined && Array.isArray(this.#read(document)) ? 1 : 0
  }

  #keysOf(document: T | undefined): readonly unknown[] {
    if (document === undefined) return []
    const value = this.#read(document)
    if (!Array.isArray(value)) return [isObject(value) ? SOME_OBJECT : value]
    return [...new Set<unknown>(value)].filter((item) => !isObject(item))
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
