import type { Document, Hlc, Rev, Version } from './document.ts'
import type { JsonObject, JsonValue } from './json.ts'

/**
 * What one mutation does to its document. A patch changes top-level fields: `set` gives new
 * values, `unset` removes. `was` holds what the changed fields were before (absent = no field).
 * `over` is the remote version that was changed or deleted, where an edit elsewhere was seen to have
 * kept the document from a pending deletion: what is pending before it has given way to that.
 */
export type Change =
  | { readonly kind: 'create'; readonly value: Document; readonly over?: Version }
  | {
      readonly kind: 'update'
      readonly set: JsonObject
      readonly unset?: readonly string[]
      readonly was: JsonObject
      readonly over?: undefined
    }
  | { readonly kind: 'delete'; readonly over?: Version }

/** One intent to change one document, exactly as it was enqueued. */
export interface Mutation {
  /** Unique for ever, sorts by time, fixed at enqueue. Becomes the `rev` of the version it makes. */
  readonly id: string
  readonly hlc: Hlc
  readonly collection: string
  readonly documentId: string
  /** Revision of the remote version that this replica had when the mutation was enqueued. */
  readonly base: Rev | null
  readonly change: Change
  /** Mutations of one `transact` share it and go to the remote together. */
  readonly group?: string
}

/** The document after `change`, given the document before (null: none). */
export function applyChange(before: Document | null, change: Change): Document | null {
  if (change.kind === 'delete') return null
  if (change.kind === 'create') return change.value
  if (before === null) return null
  const after: Record<string, JsonValue> = { ...before, ...change.set }
  for (const field of change.unset ?? []) delete after[field]
  return Object.freeze(after) as Document
}
