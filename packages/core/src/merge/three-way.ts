import type { Conflict, ConflictContext, ConflictStrategy, Decision } from '../contracts/conflict-strategy.ts'
import type { Document } from '../model/document.ts'
import { isPlainObject, type JsonObject, type JsonValue, jsonEquals } from '../model/json.ts'
import type { FieldConflict, FieldRule } from './field-rule.ts'
import { newestWins } from './whole-side.ts'

/**
 * Merges field by field against the base, into nested objects too:
 * a field that one side changed takes that side (removing counts as a change); one that both
 * changed to the same keeps it; one that both changed differently goes to `fallback`. An array is
 * one value. Without a base (each side created the document) a field that one side has was added by
 * that side, and is kept.
 */
export function threeWay(fallback: FieldRule = newestWins()): ConflictStrategy & FieldRule {
  return {
    specVersion: 1,
    name: `threeWay(${fallback.name})`,
    resolve({ base, local, remote, context }: Conflict) {
      const merge = new Merge(fallback, context)
      const fields = merge.fields([], { base: base ?? {}, local, remote })
      if (merge.deferred !== null) return { defer: merge.deferred }
      return { value: { ...fields, id: context.id } as Document, decisions: merge.decisions }
    },
    settleField({ path, base, local, remote, context }: FieldConflict) {
      const merge = new Merge(fallback, context)
      const value = merge.field(path, { base, local, remote })
      return merge.deferred === null ? { value, decisions: merge.decisions } : { defer: merge.deferred }
    },
  }
}

interface Sides<T> {
  readonly base: T
  readonly local: T
  readonly remote: T
}

class Merge {
  readonly decisions: Decision[] = []
  /** The first reason that a rule deferred for, with the field. */
  deferred: string | null = null
  readonly #fallback: FieldRule
  readonly #context: ConflictContext

  constructor(fallback: FieldRule, context: ConflictContext) {
    this.#fallback = fallback
    this.#context = context
  }

  fields(path: readonly string[], { base, local, remote }: Sides<JsonObject>): JsonObject {
    const merged: [string, JsonValue][] = []
    for (const key of new Set([...Object.keys(remote), ...Object.keys(local), ...Object.keys(base)])) {
      const sides = { base: own(base, key), local: own(local, key), remote: own(remote, key) }
      const value = this.field([...path, key], sides)
      if (value !== undefined) merged.push([key, value])
    }
    return Object.fromEntries(merged)
  }

  field(path: readonly string[], sides: Sides<JsonValue | undefined>): JsonValue | undefined {
    const { base, local, remote } = sides
    if (jsonEquals(local, remote)) {
      if (!jsonEquals(base, local)) this.#decide(path, 'merged', 'the same on both sides')
      return remote
    }
    if (jsonEquals(base, remote)) return this.#decide(path, 'local', 'only local changed', local)
    if (jsonEquals(base, local)) return this.#decide(path, 'remote', 'only remote changed', remote)
    if (isObject(local) && isObject(remote)) {
      return this.fields(path, { base: isObject(base) ? base : {}, local, remote })
    }
    const settled = this.#fallback.settleField({ path, base, local, remote, context: this.#context })
    if ('defer' in settled) {
      this.deferred ??= `${settled.defer} (${path.join('.')})`
      return local
    }
    this.decisions.push(...settled.decisions)
    return settled.value
  }

  #decide(path: readonly string[], chosen: Decision['chosen'], why: string, value?: JsonValue) {
    this.decisions.push({ path, chosen, why })
    return value
  }
}

/** An own field: never something that an object inherits. */
function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return isPlainObject(value)
}
