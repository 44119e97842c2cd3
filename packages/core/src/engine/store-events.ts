import type { LocalStoreEvents } from '../contracts/local-store.ts'

type Told = Required<LocalStoreEvents>

/** Hears the local store from before it opens, and keeps what it says until there is an engine to be told. */
export function holdEvents(): { readonly events: Told; release(to: Told): void } {
  const held: ((to: Told) => void)[] = []
  let listener: Told | null = null
  const pass = (event: (to: Told) => void) => {
    if (listener === null) held.push(event)
    else event(listener)
  }
  return {
    events: {
      onLost: (error) => pass((to) => to.onLost(error)),
      onDropped: (dropped) => pass((to) => to.onDropped(dropped)),
    },
    release(to) {
      listener = to
      for (const event of held.splice(0)) event(to)
    },
  }
}
