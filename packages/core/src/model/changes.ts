import type { Document } from './document.ts'
import { type JsonObject, type JsonValue, jsonEquals } from './json.ts'
import type { Change } from './mutation.ts'

/** The update that turns `before` into `after`, or null if they are equal. Only top-level fields are told apart. */
export function updateBetween(before: Document, after: Document): Change | null {
  const changed = Object.keys(after).filter((field) => !jsonEquals(before[field], after[field]))
  const unset = Object.keys(before).filter((field) => !Object.hasOwn(after, field))
  if (changed.length === 0 && unset.length === 0) return null
  return {
    kind: 'update',
    set: pick(after, changed),
    ...(unset.length === 0 ? {} : { unset }),
    was: pick(before, [...changed, ...unset]),
  }
}

/** `document` with `set` laid over it and `unset` taken away. */
export function patched(document: Document, set: JsonObject, unset: readonly string[]): Document {
  const after: Record<string, JsonValue> = { ...document, ...set }
  for (const field of unset) delete after[field]
  return after as Document
}

function pick(document: Document, fields: readonly string[]): JsonObject {
  const picked: Record<string, JsonValue> = {}
  for (const field of fields) {
    const value = document[field]
    if (value !== undefined) picked[field] = value
  }
  return picked
}
