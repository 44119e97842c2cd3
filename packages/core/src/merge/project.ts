import type { Document, Version } from '../model/document.ts'
import { freezeJson } from '../model/freeze.ts'
import type { JsonValue } from '../model/json.ts'
import { applyChange, type Mutation } from '../model/mutation.ts'
import { baseOf, type Pending, type Project, type Projection, type Row } from '../storage/row.ts'
import type { RulesOf } from './rules.ts'
import { settleConflict } from './settle.ts'

/**
 * The view of a document with pending mutations. On their own base they simply apply. Where the
 * remote moved on, both sides are merged from the version that the mutations stand on, always
 * from the start, so merging again after a further change settles the whole and not a part.
 */
export function projectWith(rulesOf: RulesOf): Project {
  return (row) => {
    const { pending } = row
    if (pending === null) return { value: row.value, conflict: null }
    if (pending.standsOn.kind === 'base')
      return { value: applyAll(row.value, pending.mutations), conflict: null }
    return merge(rulesOf, row, pending)
  }
}

function merge(rulesOf: RulesOf, row: Row, whole: Pending): Projection {
  const { collection, id } = row
  const pending = sinceKept(whole)
  const ground = groundOf(row, pending)
  const anew = createdAnew(rulesOf, row, pending)
  if (anew !== null) return anew
  const local = {
    value: applyAll(ground?.value ?? null, pending.mutations),
    hlc: pending.mutations.at(-1)?.hlc ?? '',
  }
  const remote = baseOf(row)
  if (remote === null) return { value: local.value, conflict: { decisions: [] } }
  const outcome = settleConflict({ base: ground, local, remote, collection, id, ...rulesOf(collection) })
  return outcome.kind === 'deferred'
    ? { value: local.value, conflict: { deferred: outcome.reason } }
    : { value: freezeJson(outcome.value), conflict: { decisions: outcome.decisions } }
}

/** Where an edit elsewhere was seen to keep the document: what is pending since was made on that edit. */
function sinceKept(pending: Pending): Pending {
  const at = pending.mutations.findLastIndex(({ change }) => change.over !== undefined)
  const version = pending.mutations[at]?.change.over
  if (version === undefined) return pending
  return { ...pending, mutations: pending.mutations.slice(at), standsOn: { kind: 'version', version } }
}

/**
 * A document is created on top of one that is pending only where that one was seen to have given way
 * to a deletion elsewhere: what was created then is no part of what gave way. Null: there is none.
 */
function createdAnew(rulesOf: RulesOf, row: Row, pending: Pending): Projection | null {
  const { mutations } = pending
  const at = mutations.findLastIndex(({ change }) => change.kind === 'create')
  const earlier = mutations.slice(0, Math.max(0, at))
  const alone = applyAll(groundOf(row, pending)?.value ?? null, earlier)
  if (earlier.length === 0 || alone === null) return null
  const { value, conflict } = merge(rulesOf, row, { ...pending, mutations: earlier })
  return value === null ? { value: applyAll(null, mutations.slice(at)), conflict } : null
}

function groundOf(row: Row, pending: Pending): Version | null {
  const { standsOn } = pending
  if (standsOn.kind === 'version') return standsOn.version
  return rebuildGround(row, pending.mutations)
}

/**
 * Without a copy of the version that was built on: the remote's version, with the fields that the
 * mutations changed put back to what they were. For every field that a mutation touched this is
 * the true base; the others look as if the change had been made on the remote's version. What was
 * created was made on nothing, or on a tombstone.
 */
function rebuildGround(row: Row, mutations: readonly Mutation[]): Version | null {
  const [first] = mutations
  if (first === undefined || first.base === null) return null
  if (first.change.kind === 'create') return { rev: first.base, hlc: first.hlc, value: null }
  const value: Record<string, JsonValue> = { ...row.value }
  for (const { change } of mutations.toReversed()) {
    if (change.kind !== 'update') continue
    for (const field of [...Object.keys(change.set), ...(change.unset ?? [])]) {
      const was = change.was[field]
      if (was === undefined) delete value[field]
      else value[field] = was
    }
  }
  return { rev: first.base, hlc: first.hlc, value: { ...value, id: first.documentId } as Document }
}

function applyAll(before: Document | null, mutations: readonly Mutation[]): Document | null {
  return mutations.reduce((value, { change }) => applyChange(value, change), before)
}
