import type { Identified } from './compile-query.ts'

/**
 * DocumentSource: the documents of one collection as the application sees them, in memory.
 *
 * Documents are never changed in place: a changed document is a new object.
 * Each commit calls every listener once, synchronously, with all that it changed; `get`, `values`
 * and `size` show the state after that commit by then, and no later one. A document that did not
 * change does not appear; one that was added has no `before`, one that was removed no `after`.
 */
export interface DocumentSource<T extends Identified> {
  readonly size: number
  get(id: string): T | undefined
  values(): Iterable<T>
  subscribe(listener: (changes: readonly DocumentChange<T>[]) => void): () => void
}

export interface DocumentChange<T> {
  readonly id: string
  readonly before: T | undefined
  readonly after: T | undefined
}
