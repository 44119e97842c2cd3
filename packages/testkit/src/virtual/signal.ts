import type { Signal } from '@holdfast/core'
import type { TabLife } from './tab.ts'

/** A signal that a test sets. Listeners hear of a change at once; those of a frozen tab, after its thaw. */
export interface ControlledSignal extends Signal {
  set(value: boolean): void
}

export function createControlledSignal(initial: boolean, life: TabLife): ControlledSignal {
  const listeners = new Set<() => void>()
  let value = initial
  life.onKill(() => listeners.clear())
  const notify = () => {
    for (const listener of [...listeners]) listener()
  }
  return {
    get: () => value,
    set(next) {
      if (next === value) return
      value = next
      if (life.state() === 'alive') notify()
      else life.schedule(0, notify)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
