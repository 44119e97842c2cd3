import type { CompiledQuery, Identified } from './compile-query.ts'
import type { DocumentChange } from './document-source.ts'
import { mergeSorted, placeOf } from './sorted.ts'

/**
 * Gives `take` the first `count` matches as of the turn in which it calls it: at once, or when they
 * were read; null where they could not be read.
 */
export type Run<T> = (count: number, take: (documents: T[] | null) => void) => void

/**
 * The first documents of a query's order, some more than it shows, kept through changes.
 *
 * Invariant: the window holds every matching document that does not come after its last one, and
 * if it is `complete`, every matching document there is.
 */
export class LiveWindow<T extends Identified> {
  readonly #query: CompiledQuery<T>
  readonly #run: Run<T>
  readonly #onFilled: () => void
  /** Documents that are shown, with those left out before them. */
  readonly #needed: number
  readonly #capacity: number
  #documents: T[] = []
  #complete = false
  #isFilled = false
  #isFilling = false

  /**
   * As many documents as `slack` can go from the window before it has to be filled again.
   * `onFilled` is called when it was filled later than asked for.
   */
  constructor(
    query: CompiledQuery<T>,
    run: Run<T>,
    options: { readonly slack?: number; readonly onFilled?: () => void } = {},
  ) {
    const { slack = Math.max(16, query.limit), onFilled = () => {} } = options
    this.#query = query
    this.#run = run
    this.#onFilled = onFilled
    this.#needed = query.offset + query.limit
    this.#capacity = this.#needed + slack
    this.refill()
  }

  /** False until it was filled for the first time. */
  get isFilled(): boolean {
    return this.#isFilled
  }

  /** Until it is filled anew, it follows commits as well as what it holds allows. */
  refill(): void {
    if (this.#isFilling) return
    this.#isFilling = true
    let isAtOnce = true
    this.#run(this.#capacity, (documents) => {
      this.#isFilling = false
      if (documents === null) return
      this.#documents = documents
      this.#complete = documents.length < this.#capacity
      this.#isFilled = true
      if (!isAtOnce) this.#onFilled()
    })
    isAtOnce = false
  }

  /** What it holds, with `isComplete` if there are no other matches; null until it was filled. */
  content(): { readonly documents: readonly T[]; readonly isComplete: boolean } | null {
    return this.#isFilled ? { documents: this.#documents, isComplete: this.#complete } : null
  }

  /** The documents that are shown, with those left out before them. */
  first(): T[] {
    return this.#documents.slice(0, this.#needed)
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
