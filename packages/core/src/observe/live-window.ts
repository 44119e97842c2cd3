import type { CompiledQuery, Identified } from './compile-query.ts'
import type { DocumentChange } from './document-source.ts'
import { mergeSorted, placeOf } from './sorted.ts'

/**
 * The first documents of a query's order, some more than it shows, kept through changes.
 *
 * Invariant: the window holds every matching document that does not come after its last one, and
 * if it is `complete`, every matching document there is.
 */
export class LiveWindow<T extends Identified> {
  readonly #query: CompiledQuery<T>
  readonly #run: (count: number) => T[]
  /** Documents that are shown, with those left out before them. */
  readonly #needed: number
  readonly #capacity: number
  #documents: T[] = []
  #complete = false

  /**
   * `run` gives the first so many matches of the source as it is now. So many documents as `slack`
   * can go from the window before it has to be filled again.
   */
  constructor(
    query: CompiledQuery<T>,
    run: (count: number) => T[],
    { slack = Math.max(16, query.limit) }: { readonly slack?: number } = {},
  ) {
    this.#query = query
    this.#run = run
    this.#needed = query.offset + query.limit
    this.#capacity = this.#needed + slack
    this.refill()
  }

  refill(): void {
    this.#documents = this.#run(this.#capacity)
    this.#complete = this.#documents.length < this.#capacity
  }

  visible(): T[] {
    return this.#documents.slice(this.#query.offset, this.#needed)
  }

  /** Follows a commit. True if documents in the window changed. */
  apply(changes: readonly DocumentChange<T>[]): boolean {
    const isBulk = changes.length > 8 + this.#documents.length / 512
    const outcome = isBulk ? this.#applyMany(changes) : this.#applyFew(changes)
    if (outcome === 'untouched') return false
    if (this.#documents.length > this.#capacity) {
      this.#documents.length = this.#capacity
      this.#complete = false
    }
    const runsShort = !this.#complete && this.#documents.length < this.#needed
    if (runsShort || outcome === 'broken') this.refill()
    return true
  }

  #applyFew(changes: readonly DocumentChange<T>[]): 'untouched' | 'touched' | 'broken' {
    const { matches, compare } = this.#query
    const documents = this.#documents
    let touched = false
    for (const { before, after } of changes) {
      if (before !== undefined && matches(before)) {
        const place = placeOf(documents, before, compare)
        if (documents[place]?.id === before.id) {
          documents.splice(place, 1)
          touched = true
        } else if (place < documents.length || this.#complete) return 'broken'
      }
      if (after !== undefined && matches(after)) {
        const place = placeOf(documents, after, compare)
        if (place === documents.length && !this.#complete) continue
        documents.splice(place, 0, after)
        touched = true
      }
    }
    return touched ? 'touched' : 'untouched'
  }

  #applyMany(changes: readonly DocumentChange<T>[]): 'untouched' | 'touched' {
    const { matches, compare } = this.#query
    const latest = new Map(changes.map(({ id, after }) => [id, after]))
    const last = this.#documents.at(-1)
    const added: T[] = []
    for (const after of latest.values()) {
      if (after === undefined || !matches(after)) continue
      if (this.#complete || (last !== undefined && compare(after, last) <= 0)) added.push(after)
    }
    const kept = this.#documents.filter(({ id }) => !latest.has(id))
    if (added.length === 0 && kept.length === this.#documents.length) return 'untouched'
    this.#documents = mergeSorted(kept, added.sort(compare), compare)
    return 'touched'
  }
}
