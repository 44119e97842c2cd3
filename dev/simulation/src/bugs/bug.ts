import type { SourcePatch } from '../patches.ts'

/** A bug that someone might make in the engine: the simulation must find it. */
export interface Bug {
  readonly id: string
  /** What the engine does wrong. */
  readonly title: string
  readonly patches: readonly SourcePatch[]
  /** A seed that found it: where the test begins to look. */
  readonly foundBy: number
}
