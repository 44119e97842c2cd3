import type { Document } from '../model/document.ts'
import type { Row } from './row.ts'

/** One document's view before and after a change; undefined: no such document. */
export interface ViewChange {
  readonly collection: string
  readonly id: string
  readonly before: Document | undefined
  readonly after: Document | undefined
}

/** Called with null when all rows were filled anew, and anything can have changed. */
export type ViewListener = (changes: readonly ViewChange[] | null) => void

/** Rows change only inside `change` or `rebuild`; listeners are told once at the end of the outermost one. */
export class ViewChanges {
  readonly #listeners = new Set<ViewListener>()
  /** Rows that are being changed, each once, and their views before. */
  #touched: Row[] | null = null
  #before: (Document | undefined)[] = []
  #isRebuilding = false
  #revision = 0

  /** How often something changed so far, or began to. */
  get revision(): number {
    return this.#revision
  }

  subscribe(listener: ViewListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** `leave` is called with each row that was touched, and gives its view as it is now. */
  change<T>(edit: () => T, leave: (row: Row) => Document | undefined): T {
    if (this.#touched !== null || this.#isRebuilding) return edit()
    const touched: Row[] = []
    const before: (Document | undefined)[] = []
    this.#touched = touched
    this.#before = before
    this.#revision++
    try {
      return edit()
    } finally {
      this.#touched = null
      this.#tell(touched, before, leave)
    }
  }

  rebuild(edit: () => void): void {
    this.#isRebuilding = true
    this.#revision++
    try {
      edit()
    } finally {
      this.#isRebuilding = false
    }
    for (const listener of this.#listeners) listener(null)
  }

  /** True if the row's view, before it changes, has to be told to `touch`. */
  asksFor(row: Row): boolean {
    if (this.#isRebuilding) return false
    if (this.#touched === null) throw new TypeError('a row changes only inside `change`')
    return row.touchedIn !== this.#revision
  }

  touch(row: Row, before: Document | undefined): void {
    row.touchedIn = this.#revision
    this.#touched?.push(row)
    this.#before.push(before)
  }

  #tell(
    touched: readonly Row[],
    views: readonly (Document | undefined)[],
    leave: (row: Row) => Document | undefined,
  ): void {
    if (touched.length === 0) return
    const changes: ViewChange[] = []
    for (let i = 0; i < touched.length; i++) {
      const row = touched[i] as Row
      const before = views[i]
      const after = leave(row)
      if (before !== after) changes.push({ collection: row.collection, id: row.id, before, after })
    }
    for (const listener of this.#listeners) listener(changes)
  }
}
