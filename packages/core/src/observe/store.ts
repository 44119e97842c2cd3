import { createListeners, type ListenerErrorHandler } from './listeners.ts'

/** A value that can be watched, in the shape that React's `useSyncExternalStore` takes. */
export interface ReadableStore<T> {
  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void
  /** The value now: the same one, by identity, as long as nothing was set. */
  getSnapshot(): T
}

export interface Store<T> extends ReadableStore<T> {
  /** Replaces the value and tells the listeners before it returns; setting the same value tells no one. */
  set(value: T): void
}

/** The functions need no `this`. What a listener throws goes to `onError` and reaches no other listener. */
export function createStore<T>(initial: T, onError: ListenerErrorHandler = () => {}): Store<T> {
  const listeners = createListeners(onError)
  let current = initial
  return {
    subscribe: (listener) => listeners.add(listener),
    getSnapshot: () => current,
    set(value) {
      if (Object.is(value, current)) return
      current = value
      listeners.tell()
    },
  }
}
