import { type Document, type JsonValue, jsonEquals, type Mutation, type Version } from '@holdfast/core'

/** What a run of mutations makes of the fields that it touches, whatever was there before. */
export interface NetEffect {
  /** The document is deleted at the end. */
  readonly deletes: boolean
  /** One of them creates the document. */
  readonly creates: boolean
  /** Fields that were written, with what they are in the end; undefined: removed. */
  readonly fields: ReadonlyMap<string, JsonValue | undefined>
}

/**
 * Where the mutations stand on the base (`isOnBase`), a deletion among them takes all of it with it. Elsewhere
 * one that was seen to give way to an edit is no more: what was written over that edit are the fields that differ.
 */
export function netEffectOf(mutations: readonly Mutation[], { isOnBase = true } = {}): NetEffect {
  let deletes = false
  let creates = false
  const fields = new Map<string, JsonValue | undefined>()
  for (const { change } of mutations) {
    if (change.kind === 'update' && deletes) continue
    deletes = change.kind === 'delete'
    const over = change.kind === 'create' && !isOnBase ? change.over?.value : undefined
    if (change.kind === 'create' && over) {
      creates = false
      fields.clear()
      for (const field of new Set([...Object.keys(over), ...Object.keys(change.value)]))
        if (!jsonEquals(over[field], change.value[field])) fields.set(field, change.value[field])
    } else if (change.kind === 'create') {
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

/** The edit elsewhere over which the last of them was written that was seen to be kept by one. */
export function keptOver(mutations: readonly Mutation[]): Version | undefined {
  return mutations.findLast(({ change }) => change.over !== undefined)?.change.over
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
