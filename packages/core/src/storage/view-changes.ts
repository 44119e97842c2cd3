import type { Document } from '../model/document.ts'
import type { Row } from './row.ts'

/** One document's view before and after a change; undefined: no such document. */
export interface ViewChange {
  readonly collection: string
  readonly id: string
  readonly before: Document | undefined
  readonly after: Document | undefined
}

/** A row that is being changed, and its view before. */
export interface Touched {
  readonly collection: string
  readonly id: string
  readonly before: Document | undefined
}

/** Called with null when all rows were filled anew, and anything can have changed. */
export type ViewListener = (changes: readonly ViewChange[] | null) => void

/** Rows change only inside `change` or `rebuild`; listeners are told once at the end of the outermost one. */
export class ViewChanges {
  readonly #listeners = new Set<ViewListener>()
  #touched: Map<Row, Touched> | null = null
  #isRebuilding = false

  subscribe(listener: ViewListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** `leave` is called with each row that was touched, and gives its view as it is now. */
  change<T>(edit: () => T, leave: (row: Row, touched: Touched) => Document | undefined): T {
    if (this.#touched !== null || this.#isRebuilding) return edit()
    const touched = new Map<Row, Touched>()
    this.#touched = touched
    try {
      return edit()
    } finally {
      this.#touched = null
      this.#tell(touched, leave)
    }
  }

  rebuild(edit: () => void): void {
    this.#isRebuilding = true
    try {
      edit()
    } finally {
      this.#isRebuilding = false
    }
    for (const listener of this.#listeners) listener(null)
  }

  /** Notes that a row is about to change; `before` is called if its view is of interest. */
  touch(row: Row, touched: () => Touched): void {
    if (this.#isRebuilding) return
    if (this.#touched === null) throw new TypeError('a row changes only inside `change`')
    if (!this.#touched.has(row)) this.#touched.set(row, touched())
  }

  #tell(
    touched: ReadonlyMap<Row, Touched>,
    leave: (row: Row, touched: Touched) => Document | undefined,
  ): void {
    if (touched.size === 0) return
    const changes: ViewChange[] = []
    for (const [row, one] of touched) {
      const after = leave(row, one)
      if (one.before !== after) changes.push({ ...one, after })
    }
    for (const listener of this.#listeners) listener(changes)
  }
}
