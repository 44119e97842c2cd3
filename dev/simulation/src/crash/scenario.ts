import type { Stage } from './stage.ts'

/** One operation, with a short script that leads to it. */
export interface Scenario {
  readonly id: string
  readonly title: string
  /** What it covers of the public surface, as paths from the database. */
  readonly covers: readonly string[]
  /** Hits without which the script did not do what it is for. */
  readonly meets?: readonly string[]
  /** What comes before; nothing crashes here. */
  readonly prepare?: (stage: Stage) => Promise<void>
  /** The operation: it is run once for each point in it, with a crash there. */
  readonly act: (stage: Stage) => Promise<void>
  /** What must hold after the device was opened again and all came to agree. */
  readonly verify?: (stage: Stage) => Promise<void> | void
}
