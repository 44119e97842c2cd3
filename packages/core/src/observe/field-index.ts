import type { Identified } from './compile-query.ts'
import type { DocumentChange, DocumentRef, DocumentSource } from './document-source.ts'
import { type FieldReader, fieldReader } from './field-path.ts'
import { type GatheredRest, gather } from './gather.ts'
import { type Entry, SortedEntries } from './sorted-entries.ts'

/** Stands for any object: they are equal in the order, and as items of a list have no entry. */
const SOME_OBJECT = Object.freeze({})

/** So many entries take a few ms to sort. */
const SORTED_IN_TOGETHER = 16_384

/**
 * Ids of the documents of a collection, sorted by one field, then by id. A list has one entry for each
 * distinct plain item; every other document has exactly one entry, also without the field.
 */
export class FieldIndex<T extends Identified> {
  readonly #read: FieldReader
  readonly #entries = new SortedEntries()
  /** Documents whose field is a list. */
  #lists = 0

  readonly #source: DocumentSource<T>

  private constructor(path: string, source: DocumentSource<T>) {
    this.#read = fieldReader(path)
    this.#source = source
  }

  /** Of what the source has in memory; of a document that is elsewhere only the id is known. */
  static of<T extends Identified>(path: string, source: DocumentSource<T>): FieldIndex<T> {
    const index = new FieldIndex(path, source)
    const entries: Entry[] = []
    for (const ref of source.refs()) {
      const document = source.read(ref)
      if (document !== undefined) index.#add(document === 'elsewhere' ? (ref as T) : document, ref, entries)
    }
    index.#entries.replaceMany([], entries)
    return index
  }

  /**
   * One index for each path, built of a source whose documents are not all in memory. `take` gets them in
   * the turn in which they are up to date, and has to let them follow every commit from then on.
   */
  static async gather<T extends Identified>(
    paths: readonly string[],
    source: DocumentSource<T>,
    take: (indexes: readonly FieldIndex<T>[]) => void,
  ): Promise<void> {
    await gather(source, () => {
      const building = paths.map((path) => new FieldIndex(path, source).#gathering())
      return {
        visit(document, ref) {
          for (const { visit } of building) visit(document, ref)
        },
        finish: (rest) => take(building.map(({ finish }) => finish(rest))),
      }
    })
  }

  /** Entries are sorted in as they come, some at a time, since all at once would hold the page up. */
  #gathering() {
    const lists: string[] = []
    let entries: Entry[] = []
    const sortIn = () => {
      if (!this.#entries.replaceMany([], entries)) throw new TypeError('a scan showed a document twice')
      entries = []
    }
    return {
      visit: (document: T, ref: DocumentRef) => {
        if (this.#add(document, ref, entries)) lists.push(document.id)
        if (entries.length > SORTED_IN_TOGETHER + this.size / 8) sortIn()
      },
      finish: ({ stale, latest }: GatheredRest<T>): this => {
        this.#lists = lists.filter((id) => !stale.has(id)).length
        sortIn()
        if (stale.size > 0) this.#entries.removeIds(stale)
        for (const document of latest) this.#collect(document, 1, entries)
        sortIn()
        return this
      },
    }
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

  refAt(position: number): DocumentRef {
    return this.#entries.refAt(position)
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
    if (after !== undefined) {
      for (const key of added) if (!removed.includes(key)) this.#entries.put(key, this.#refOf(after))
    }
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
    const removed: Entry[] = []
    const added: Entry[] = []
    for (const { before, after } of changed.values()) {
      if (this.#isUnmoved(before, after)) continue
      this.#collect(before, -1, removed)
      this.#collect(after, 1, added)
    }
    return this.#entries.replaceMany(removed, added)
  }

  /** Most changes are of other fields. */
  #isUnmoved(before: T | undefined, after: T | undefined): boolean {
    if (before === undefined || after === undefined) return false
    const [was, is] = [this.#read(before), this.#read(after)]
    return was === is && !isObject(is)
  }

  #collect(document: T | undefined, sign: 1 | -1, entries: Entry[]): void {
    if (document === undefined) return
    if (sign === 1) this.#add(document, this.#refOf(document), entries)
    else {
      this.#lists -= this.#countLists(document)
      for (const key of this.#keysOf(document)) entries.push({ key, ref: document })
    }
  }

  /** True if its field is a list. */
  #add(document: T, ref: DocumentRef, entries: Entry[]): boolean {
    const key = this.#read(document)
    if (!isObject(key)) {
      entries.push({ key, ref })
      return false
    }
    for (const each of this.#keysOf(document)) entries.push({ key: each, ref })
    const isList = Array.isArray(key)
    if (isList) this.#lists++
    return isList
  }

  #refOf(document: T): DocumentRef {
    return this.#source.refOf(document.id) ?? document
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
