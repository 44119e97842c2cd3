/** Told what a listener threw. Must not throw itself. */
export type ListenerErrorHandler = (error: unknown) => void

export interface Listeners {
  readonly size: number
  /** Adds `listener`; one that was added twice is told twice, and leaves one by one. Returns how to leave. */
  add(listener: () => void): () => void
  /** Tells everyone who was here when the call began; what one throws does not keep it from the others. */
  tell(): void
  clear(): void
}

export function createListeners(onError: ListenerErrorHandler): Listeners {
  const entries = new Set<{ readonly listener: () => void }>()
  return {
    get size() {
      return entries.size
    },
    add(listener) {
      const entry = { listener }
      entries.add(entry)
      return () => {
        entries.delete(entry)
      }
    },
    tell() {
      for (const entry of [...entries]) {
        if (!entries.has(entry)) continue
        try {
          entry.listener()
        } catch (error) {
          onError(error)
        }
      }
    },
    clear: () => entries.clear(),
  }
}
