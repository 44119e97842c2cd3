import type { Document, JsonValue, Mutation } from '@holdfast/core'

/** What a run of mutations makes of the fields that it touches, whatever was there before. */
export interface NetEffect {
  /** The document is deleted at the end. */
  readonly deletes: boolean
  /** One of them creates the document. */
  readonly creates: boolean
  /** Fields that were written, with what they are in the end; undefined: removed. */
  readonly fields: ReadonlyMap<string, JsonValue | undefined>
}

export function netEffectOf(mutations: readonly Mutation[]): NetEffect {
  let deletes = false
  let creates = false
  const fields = new Map<string, JsonValue | undefined>()
  for (const { change } of mutations) {
    if (change.kind === 'update' && deletes) continue
    deletes = change.kind === 'delete'
    if (change.kind === 'create') {
      creates = true
      fields.clear()
      for (const [field, value] of Object.entries(change.value)) fields.set(field, value)
    } else if (change.kind === 'update') {
      for (const [field, value] of Object.entries(change.set)) fields.set(field, value)
      for (const field of change.unset ?? []) fields.set(field, undefined)
    } else fields.clear()
  }
  return { deletes, creates, fields }
}

export function fieldsThatDiffer(
  effect: NetEffect,
  document: Document | null,
  isEqual: (a: JsonValue | undefined, b: JsonValue | undefined) => boolean,
): string[] {
  return [...effect.fields]
    .filter(([field, value]) => !isEqual(document?.[field], value))
    .map(([field]) => field)
}
