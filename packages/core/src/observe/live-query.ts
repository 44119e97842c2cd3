import type { CompiledQuery, Identified } from './compile-query.ts'
import type { DocumentChange } from './document-source.ts'
import { createListeners, type ListenerErrorHandler } from './listeners.ts'
import { LiveWindow } from './live-window.ts'
import type { ReadableStore } from './store.ts'

/**
 * The documents that a query finds, kept up to date while someone listens. `getSnapshot` gives
 * the same list, by identity, as long as the documents in it are the same, also without a
 * listener; then the query runs for each call and nothing is kept.
 */
export interface LiveQuery<T> extends ReadableStore<readonly T[]> {
  /** Lets all listeners go, and the memory with them. */
  dispose(): void
}

export interface LiveQueryOptions<T extends Identified> {
  /** The first `count` matches as of now. */
  readonly run: (count: number) => T[]
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
  /** What was last handed out while no one listened: whoever still holds it gets the same list. */
  #handedOut = new WeakRef<readonly T[]>([])
  #told = true

  constructor(compiled: CompiledQuery<T>, options: LiveQueryOptions<T>) {
    this.#compiled = compiled
    this.#options = options
    this.#listeners = createListeners(options.onError)
    this.query = {
      subscribe: (listener) => this.#subscribe(listener),
      getSnapshot: () => (this.#window === null ? this.#runNow() : this.#snapshot),
      dispose: () => {
        this.#listeners.clear()
        this.#rest()
      },
    }
  }

  /** Follows a commit, and tells no one yet. */
  apply(changes: readonly DocumentChange<T>[]): void {
    if (this.#window === null || !this.#window.apply(changes)) return
    const visible = this.#window.visible()
    if (isSameList(visible, this.#snapshot)) return
    this.#snapshot = visible
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
      this.#window = new LiveWindow(this.#compiled, this.#options.run)
      this.#snapshot = this.#sameOr(this.#window.visible())
      this.#options.onActive(true)
    }
    const leave = this.#listeners.add(listener)
    return () => {
      leave()
      if (this.#listeners.size === 0) this.#rest()
    }
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
    if (this.#options.isClosed()) return this.#handedOut.deref() ?? []
    const { offset, limit } = this.#compiled
    const found = this.#sameOr(this.#options.run(offset + limit).slice(offset))
    this.#handedOut = new WeakRef(found)
    return found
  }

  #sameOr(found: readonly T[]): readonly T[] {
    const before = this.#handedOut.deref()
    return before !== undefined && isSameList(found, before) ? before : found
  }
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}
