import type { StandardSchema } from '../contracts/schema.ts'

/** What a collection demands of a document before it is written. */
export interface WriteRules {
  readonly schema: StandardSchema | null
  /** Most bytes of the document's JSON text in UTF-8. */
  readonly maxBytes: number
}

/** Throws `unknown_collection`. */
export type WriteRulesOf = (collection: string) => WriteRules
