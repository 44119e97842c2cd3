import type { Conflict, ConflictStrategy, Decision, Resolution } from '../contracts/conflict-strategy.ts'
import type { Document } from '../model/document.ts'
import { type JsonValue, jsonEquals } from '../model/json.ts'

/**
 * A strategy from a function of one's own: it returns the merged document, `{ defer: reason }`, or
 * a full resolution. It must be pure and deterministic, and gets frozen copies: a function that
 * writes to what it was given throws, and the conflict is deferred. For a document alone the
 * decisions are found by comparing its top-level fields with both sides.
 */
export function strategy(
  name: string,
  settle: (conflict: Conflict) => Document | Resolution,
): ConflictStrategy {
  return {
    specVersion: 1,
    name,
    resolve(conflict) {
      const settled = settle(frozenCopy(conflict))
      if (!isDocument(settled)) return settled
      return { value: settled, decisions: decisionsOf(settled, conflict, name) }
    },
  }
}

/** A resolution has no `id`, a document always has. */
function isDocument(settled: Document | Resolution): settled is Document {
  return typeof settled === 'object' && settled !== null && 'id' in settled
}

function decisionsOf(value: Document, { local, remote }: Conflict, why: string): readonly Decision[] {
  const keys = new Set([...Object.keys(remote), ...Object.keys(local), ...Object.keys(value)])
  const decisions: Decision[] = []
  for (const key of keys) {
    if (jsonEquals(local[key], remote[key]) && jsonEquals(local[key], value[key])) continue
    const chosen = jsonEquals(value[key], local[key])
      ? 'local'
      : jsonEquals(value[key], remote[key])
        ? 'remote'
        : 'merged'
    decisions.push({ path: [key], chosen, why })
  }
  return decisions
}

function frozenCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return Object.freeze(value.map((item: JsonValue) => frozenCopy(item))) as T
  const entries = Object.entries(value).map(([key, item]) => [key, frozenCopy(item)] as const)
  return Object.freeze(Object.fromEntries(entries)) as T
}
