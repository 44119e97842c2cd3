import type { CompiledQuery, Identified } from './compile-query.ts'
import type { DocumentChange } from './document-source.ts'
import { createListeners, type ListenerErrorHandler } from './listeners.ts'
import { LiveWindow, type Run } from './live-window.ts'
import type { ReadableStore } from './store.ts'

/**
 * The documents that a query finds, kept up to date while someone listens. `getSnapshot` gives
 * the same list, by identity, as long as the documents in it are the same, also without a
 * listener; then the query runs for each call and nothing is kept.
 *
 * Where documents have to be read from disk first, the list is the last one known, or empty, and
 * `isLoading` is true, until they were read; listeners are told then. Without a listener nothing
 * is read.
 */
export interface LiveQuery<T> extends ReadableStore<readonly T[]> {
  /** True while the list is not the query's answer yet. */
  readonly isLoading: boolean
  /** Lets all listeners go, and the memory with them. */
  dispose(): void
}

export interface LiveQueryOptions<T extends Identified> {
  readonly run: Run<T>
  /** True if `run` calls back at once. */
  readonly isAtHand: () => boolean
  readonly onError: ListenerErrorHandler
  /** Called with true when the first listener comes, with false after the last one left. */
  readonly onActive: (active: boolean) => void
  /** True when the collection is closed: lists stay as they were, and no one is told any more. */
  readonly isClosed: () => boolean
}

export class LiveResult<T extends Identified> {
  readonly query: LiveQuery<T>
  readonly #compiled: CompiledQuery<T>
  readonly #options: LiveQueryOptions<T>
  readonly #listeners
  #window: LiveWindow<T> | null = null
  #snapshot: readonly T[] = []
  #isLoading = false
  /** What was last handed out while no one listened: whoever still holds it gets the same list. */
  #handedOut = new WeakRef<readonly T[]>([])
  #told = true

  constructor(compiled: CompiledQuery<T>, options: LiveQueryOptions<T>) {
    this.#compiled = compiled
    this.#options = options
    this.#listeners = createListeners(options.onError)
    const isLoading = () => (this.#window === null ? !options.isAtHand() : this.#isLoading)
    this.query = {
      subscribe: (listener) => this.#subscribe(listener),
      getSnapshot: () => (this.#window === null ? this.#runNow() : this.#snapshot),
      get isLoading() {
        return isLoading()
      },
      dispose: () => {
        this.#listeners.clear()
        this.#rest()
      },
    }
  }

  /** What can be kept of it; null while nothing is known. */
  content(): ReturnType<LiveWindow<T>['content']> {
    return this.#window?.content() ?? null
  }

  /** Follows a commit, and tells no one yet; null: anything can have changed. */
  apply(changes: readonly DocumentChange<T>[] | null): void {
    if (this.#window === null) return
    if (changes === null) this.#window.refill()
    else if (!this.#window.apply(changes)) return
    this.#show()
  }

  #show(): void {
    if (this.#window === null || !this.#window.isFilled) return
    const visible = this.#window.visible()
    const isSame = isSameList(visible, this.#snapshot)
    if (isSame && !this.#isLoading) return
    if (!isSame) this.#snapshot = visible
    this.#isLoading = false
    this.#told = false
  }

  /** Tells the listeners if there is something new. */
  tell(): void {
    if (this.#told) return
    this.#told = true
    this.#listeners.tell()
  }

  #subscribe(listener: () => void): () => void {
    if (this.#options.isClosed()) return () => {}
    if (this.#window === null) {
      this.#window = new LiveWindow(this.#compiled, this.#options.run, { onFilled: () => this.#onFilled() })
      const { isFilled } = this.#window
      this.#isLoading = !isFilled
      this.#snapshot = isFilled ? this.#sameOr(this.#window.visible()) : this.#lastKnown()
      this.#options.onActive(true)
    }
    const leave = this.#listeners.add(listener)
    return () => {
      leave()
      if (this.#listeners.size === 0) this.#rest()
    }
  }

  #onFilled(): void {
    if (this.#options.isClosed()) return
    this.#show()
    this.tell()
  }

  #rest(): void {
    if (this.#window === null) return
    this.#window = null
    this.#handedOut = new WeakRef(this.#snapshot)
    this.#snapshot = []
    this.#told = true
    this.#options.onActive(false)
  }

  #runNow(): readonly T[] {
    if (this.#options.isClosed() || !this.#options.isAtHand()) return this.#lastKnown()
    const { offset, limit } = this.#compiled
    let found: readonly T[] = []
    this.#options.run(offset + limit, (documents) => {
      found = this.#sameOr(documents?.slice(offset) ?? [])
    })
    this.#handedOut = new WeakRef(found)
    return found
  }

  #lastKnown(): readonly T[] {
    return this.#handedOut.deref() ?? (NOTHING as readonly T[])
  }

  #sameOr(found: readonly T[]): readonly T[] {
    const before = this.#handedOut.deref()
    return before !== undefined && isSameList(found, before) ? before : found
  }
}

/** One and the same, as `useSyncExternalStore` asks. */
const NOTHING: readonly unknown[] = Object.freeze([])

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}
