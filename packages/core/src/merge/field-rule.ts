import type { ConflictContext, Decision } from '../contracts/conflict-strategy.ts'
import type { JsonValue } from '../model/json.ts'

/**
 * FieldRule: settles one field that both sides changed, each to something else. Pure,
 * deterministic and total, as a strategy is. `undefined` stands for no field.
 */
export interface FieldRule {
  /** For people and audit trails. */
  readonly name: string
  settleField(conflict: FieldConflict): FieldResolution
}

export interface FieldConflict {
  /** Keys from the document's root. */
  readonly path: readonly string[]
  /** What the field was; also undefined where no common version is known. */
  readonly base: JsonValue | undefined
  readonly local: JsonValue | undefined
  readonly remote: JsonValue | undefined
  readonly context: ConflictContext
}

export type FieldResolution =
  | {
      /** The field from now on; undefined removes it. */
      readonly value: JsonValue | undefined
      /** Usually one, for the field's path; more where the rule went into the field. */
      readonly decisions: readonly Decision[]
    }
  | { readonly defer: string }
