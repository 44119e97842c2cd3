import type { ConflictStrategy, DeleteRule } from '../contracts/conflict-strategy.ts'

/** How conflicts in one collection are settled. */
export interface MergeRules {
  readonly strategy: ConflictStrategy
  readonly deletes: DeleteRule
}

export type RulesOf = (collection: string) => MergeRules
