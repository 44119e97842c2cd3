import type { Document } from '../model/document.ts'
import type { Mutation } from '../model/mutation.ts'

/** The first documents of a query as they were kept, and what was written since. */
export interface Kept {
  readonly documents: readonly Document[]
  /** There are no others. */
  readonly isComplete: boolean
  readonly since: readonly Mutation[]
}

/** Keeps what the first documents of queries are, so that they can be shown when the database is opened again. */
export interface WindowKeeper {
  /** Null if nothing is known of this query, or everything was read anyway. */
  kept(query: string): Kept | null
  /** `read` is called whenever they are kept. Returns how to stop. */
  keep(query: string, read: () => Omit<Kept, 'since'> | null): () => void
}
