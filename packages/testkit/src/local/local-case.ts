import type { LocalCapabilities, LocalStore, LocalStoreEvents } from '@holdfast/core'
import { asFailure } from '../suite/check.ts'
import { type Requirement, unmetOf } from '../suite/requirements.ts'
import type { ConformanceCase } from '../suite/run-suite.ts'

/** How the suite gets stores. Every name is used by one case only; stores are closed and names destroyed after it. */
export interface LocalHarness {
  /** What the stores declare: it decides which cases run, and one case demands that a store says the same. */
  readonly capabilities: LocalCapabilities
  /** A new store object with the database `name` open. What was closed under that name before is still there. */
  open(name: string, events?: LocalStoreEvents): Promise<LocalStore>
  /** Deletes the database, by an object that does not have it open. */
  destroy(name: string): Promise<void>
  /** Ends, as a crash of the process does, every store that has `name` open. */
  crash?(name: string): Promise<void>
  /** Opens the database in another process or page, which closes it again and ends; fails with the code that `open` failed with there. */
  openElsewhere?(name: string): Promise<void>
  /** What the platform may do to a database. Each that is there unlocks its cases. */
  readonly faults?: LocalFaults
}

export interface LocalFaults {
  /**
   * Makes the database, which is closed, unreadable: damages it, or puts in its place what another
   * program or a newer version made.
   */
  damage?(name: string): Promise<void>
  /** The platform refuses to open the database, until what is returned is called. */
  refuseOpen?(name: string): Promise<() => Promise<void>>
  /** There is no space for the database to grow, until what is returned is called. */
  fill?(name: string): Promise<() => Promise<void>>
  /** Deletes the database, which is open, as someone else does: by the file system or the browser's settings. */
  lose?(name: string): Promise<void>
  /** The machine loses its power: stores end as in a crash, and what was not on the disk is gone. */
  cutPower?(name: string): Promise<void>
}

/** A larger limit is one that a test would take too long to reach. */
const REACHABLE_BYTES = 8 * 1024 * 1024

/** What cases require: of the capabilities, and of the optional members of a harness. */
const CONDITIONS = {
  strict: ({ capabilities }: LocalHarness) => capabilities.durability.includes('strict'),
  relaxed: ({ capabilities }: LocalHarness) => capabilities.durability.includes('relaxed'),
  none: ({ capabilities }: LocalHarness) => capabilities.durability.includes('none'),
  durable: ({ capabilities }: LocalHarness) => capabilities.durability[0] !== 'none',
  binary: ({ capabilities }: LocalHarness) => capabilities.binary,
  estimate: ({ capabilities }: LocalHarness) => capabilities.estimate !== undefined,
  sharedBetweenTabs: ({ capabilities }: LocalHarness) => capabilities.sharedBetweenTabs,
  'reachable maxValueBytes': ({ capabilities }: LocalHarness) =>
    capabilities.maxValueBytes <= REACHABLE_BYTES,
  crash: ({ crash }: LocalHarness) => crash !== undefined,
  openElsewhere: ({ openElsewhere }: LocalHarness) => openElsewhere !== undefined,
  damage: ({ faults }: LocalHarness) => faults?.damage !== undefined,
  refuseOpen: ({ faults }: LocalHarness) => faults?.refuseOpen !== undefined,
  fill: ({ faults }: LocalHarness) => faults?.fill !== undefined,
  lose: ({ faults }: LocalHarness) => faults?.lose !== undefined,
  cutPower: ({ faults }: LocalHarness) => faults?.cutPower !== undefined,
}

export type LocalRequirement = Requirement<keyof typeof CONDITIONS>

/** What one case works with. Labels become names that no other case uses. */
export interface LocalTest {
  readonly capabilities: LocalCapabilities
  open(label?: string, events?: LocalStoreEvents): Promise<LocalStore>
  /** The name that a label stands for. */
  nameOf(label?: string): string
  /** Under exactly this name, which must hold one that `nameOf` gave. */
  openNamed(name: string): Promise<LocalStore>
  destroyNamed(name: string): Promise<void>
  destroy(label?: string): Promise<void>
  crash(label?: string): Promise<void>
  openElsewhere(label?: string): Promise<void>
  damage(label?: string): Promise<void>
  lose(label?: string): Promise<void>
  cutPower(label?: string): Promise<void>
  /** Returns how to end it. */
  refuseOpen(label?: string): Promise<() => Promise<void>>
  /** Returns how to end it. */
  fill(label?: string): Promise<() => Promise<void>>
}

export interface LocalCase {
  readonly id: string
  readonly title: string
  /** Without which the case is left out. */
  readonly requires?: readonly LocalRequirement[]
  readonly run: (test: LocalTest) => Promise<void>
}

export function unmetLocally({ requires }: LocalCase, harness: LocalHarness): string[] {
  return unmetOf(requires, { conditions: CONDITIONS, harness })
}

let runs = 0
const nothing = async () => {}

export function bindLocalCase(
  { id, title, requires = [], run }: LocalCase,
  harness: LocalHarness,
): ConformanceCase {
  return {
    id,
    title,
    requires,
    async run() {
      runs += 1
      const prefix = `${id}-${runs}`
      const opened: LocalStore[] = []
      const names = new Set<string>()
      const { faults } = harness
      const running = new Set<() => Promise<void>>()
      /** A fault ends once: when the case says so, or else with the case. */
      const lasting = (end: () => Promise<void>) => {
        const ended = async () => {
          if (running.delete(ended)) await end()
        }
        running.add(ended)
        return ended
      }
      const nameOf = (label = 'main') => {
        const name = `${prefix}-${label}`
        names.add(name)
        return name
      }
      const open = async (name: string, events?: LocalStoreEvents) => {
        names.add(name)
        const store = await harness.open(name, events)
        opened.push(store)
        return store
      }
      try {
        await run({
          capabilities: harness.capabilities,
          open: (label, events) => open(nameOf(label), events),
          nameOf,
          openNamed: (name) => open(name),
          destroyNamed: (name) => harness.destroy(name),
          destroy: (label) => harness.destroy(nameOf(label)),
          crash: async (label) => harness.crash?.(nameOf(label)),
          openElsewhere: async (label) => harness.openElsewhere?.(nameOf(label)),
          damage: async (label) => faults?.damage?.(nameOf(label)),
          cutPower: async (label) => faults?.cutPower?.(nameOf(label)),
          lose: async (label) => faults?.lose?.(nameOf(label)),
          refuseOpen: async (label) => lasting((await faults?.refuseOpen?.(nameOf(label))) ?? nothing),
          fill: async (label) => lasting((await faults?.fill?.(nameOf(label))) ?? nothing),
        })
      } catch (error) {
        throw asFailure(title, error)
      } finally {
        await Promise.allSettled([...running].map((end) => end()))
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
