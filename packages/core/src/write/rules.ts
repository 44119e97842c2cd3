import type { StandardSchema } from '../contracts/schema.ts'
import type { DocumentLimits } from '../model/validate.ts'

/** What a collection demands of a document before it is written. */
export interface WriteRules {
  readonly schema: StandardSchema | null
  readonly limits: DocumentLimits
}

/** Throws `unknown_collection`. */
export type WriteRulesOf = (collection: string) => WriteRules
