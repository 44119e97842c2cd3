import type { LocalStore, LocalStoreEvents } from '@holdfast/core'
import type { ConformanceCase } from '../suite/run-suite.ts'

/** How the suite gets stores. Every name is used by one case only; stores are closed and names destroyed after it. */
export interface LocalHarness {
  /** A new store object with the database `name` open. What was closed under that name before is still there. */
  open(name: string, events?: LocalStoreEvents): Promise<LocalStore>
  /** Deletes the database, by an object that does not have it open. */
  destroy(name: string): Promise<void>
  /** Ends, as a crash of the process does, every store that has `name` open. */
  crash?(name: string): Promise<void>
}

/** What one case works with. Labels become names that no other case uses. */
export interface LocalTest {
  open(label?: string, events?: LocalStoreEvents): Promise<LocalStore>
  destroy(label?: string): Promise<void>
  crash(label?: string): Promise<void>
}

export interface LocalCase {
  readonly id: string
  readonly title: string
  /** The optional member of the harness without which the case is left out. */
  readonly requires?: 'crash'
  readonly run: (test: LocalTest) => Promise<void>
}

let runs = 0

export function bindLocalCase({ id, title, run }: LocalCase, harness: LocalHarness): ConformanceCase {
  return {
    id,
    title,
    async run() {
      runs += 1
      const prefix = `${id}-${runs}`
      const opened: LocalStore[] = []
      const names = new Set<string>()
      const nameOf = (label = 'main') => {
        const name = `${prefix}-${label}`
        names.add(name)
        return name
      }
      try {
        await run({
          async open(label, events) {
            const store = await harness.open(nameOf(label), events)
            opened.push(store)
            return store
          },
          destroy: (label) => harness.destroy(nameOf(label)),
          crash: async (label) => harness.crash?.(nameOf(label)),
        })
      } finally {
        await Promise.allSettled(opened.map((store) => store.close()))
        await Promise.allSettled([...names].map((name) => harness.destroy(name)))
      }
    },
  }
}

/** A range that holds every key the suite uses. */
export const ALL = { from: '', to: '\uffff\uffff' } as const

export async function keysOf(store: LocalStore): Promise<string[]> {
  return (await store.scan(ALL)).map(([key]) => key)
}
