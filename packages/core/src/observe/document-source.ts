import type { Identified } from './compile-query.ts'
import type { WindowKeeper } from './window-keeper.ts'

/**
 * DocumentSource: the documents of one collection as the application sees them. All of them are in
 * memory (`isAtHand`), or some wait on disk until they are brought.
 *
 * Documents are never changed in place: a changed document is a new object.
 * Each commit calls every listener once, synchronously, with all that it changed; `get`, `ids`
 * and `size` show the state after that commit by then, and no later one. A document that did not
 * change does not appear; one that was added has no `before`, one that was removed no `after`.
 * Listeners are called with null when everything was read anew, and anything can have changed.
 */
export interface DocumentSource<T extends Identified> {
  readonly size: number
  /** True if `get` has every document. */
  readonly isAtHand: boolean
  /** Null, or tells when there is anything to be got at all: until then only windows are known. */
  readonly ready: Promise<void> | null
  readonly windows?: WindowKeeper
  /** `'elsewhere'`: there is one, and it has to be brought first. */
  get(id: string): T | undefined | 'elsewhere'
  /** A shorter way to a document that is there: the same one as long as it is. Undefined if there is none. */
  refOf(id: string): DocumentRef | undefined
  /** As `get`. */
  read(ref: DocumentRef): T | undefined | 'elsewhere'
  /** The ways to every document, and to some that were deleted. */
  refs(): Iterable<DocumentRef>
  /** Resolves when `get` has these documents, and keeps them there until the result is called. */
  bring(ids: readonly string[]): Promise<() => void>
  /**
   * Shows every document that is there from beginning to end, with its ref, in parts, each as it stood
   * at one moment on the way. They need not be frozen, and `get` may give others that are equal.
   */
  scan(visit: (documents: readonly T[], refs: readonly DocumentRef[]) => void): Promise<void>
  subscribe(listener: (changes: readonly DocumentChange<T>[] | null) => void): () => void
}

export interface DocumentRef {
  readonly id: string
}

export interface DocumentChange<T> {
  readonly id: string
  readonly before: T | undefined
  readonly after: T | undefined
}
