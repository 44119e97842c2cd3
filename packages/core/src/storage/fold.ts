import type { LocatedVersion } from '../model/document.ts'
import type { Mutation } from '../model/mutation.ts'
import type { CommitPlan } from './commit.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import type { LocalState } from './local-state.ts'
import { PAGE_ROWS } from './records.ts'
import { baseOf, ON_BASE, type Row } from './row.ts'

/**
 * Folding: bases that stand in ledger records move to pages, slice by slice; then the ledger is
 * replaced by the little of it that is still of use, together with the prefix of each log that
 * holds nothing pending. A prefix of the steps is a valid state to crash in.
 */
export function nextFoldStep(state: LocalState, isUnconfirmed: (id: string) => boolean): CommitPlan {
  const moved = looseVersions(state)
  return moved.length > 0 ? { moved } : ledgerStep(state, isUnconfirmed)
}

/** How much there is to fold: bases in ledger records, and settled mutations that the ledger remembers. */
export function foldableCount({ replay, tables }: LocalState): number {
  return replay.settledCount + tables.loose.size
}

/** Bases that a ledger record holds, up to a page of them. */
export function looseVersions({ tables }: LocalState): LocatedVersion[] {
  const found: LocatedVersion[] = []
  for (const row of tables.loose) {
    const base = baseOf(row)
    if (base !== null) found.push({ collection: row.collection, id: row.id, ...base })
    if (found.length >= PAGE_ROWS) break
  }
  return found
}

function ledgerStep(state: LocalState, isUnconfirmed: (id: string) => boolean): CommitPlan {
  const { tables, replay, logs } = state
  const foldLogs = logs.foldable(
    (id) => replay.isSettled(id),
    (mutation) => isStuck(state, mutation),
  )
  const inLogs = new Set<string>()
  const gone: string[] = []
  for (const { id } of logs.after(foldLogs)) {
    if (replay.isSettled(id)) gone.push(id)
    else inLogs.add(id)
  }
  // Before what is said of pending mutations: to forget a base moves it from under them.
  const ledger: LedgerEntry[] = [...stillForgotten(state)]
  for (const row of tables.queue) {
    for (const mutation of row.pending?.mutations ?? []) {
      if (inLogs.has(mutation.id) || isUnconfirmed(mutation.id)) continue
      ledger.push({ kind: 'carried', collection: row.collection, documentId: row.id, mutation })
    }
    ledger.push(...pendingEntries(row))
  }
  if (gone.length > 0) ledger.push({ kind: 'gone', ids: gone })
  return { ledger, removeLedger: true, foldLogs }
}

/** An older page may still hold what was forgotten, and would bring it back. */
function* stillForgotten({ tables, replay, manifest }: LocalState): Iterable<LedgerEntry> {
  for (const forgotten of replay.forgotten.values()) {
    const { collection, documentId, since } = forgotten
    const isBack = (tables.get(collection, documentId)?.at ?? 0) >= since
    if (!isBack && manifest.pages.some(([no]) => no < since)) yield { kind: 'forgotten', ...forgotten }
  }
}

/** Waits for a person, so its log record would wait as long: it moves to the ledger. */
function isStuck({ tables }: LocalState, { collection, documentId, id }: Mutation): boolean {
  const row = tables.get(collection, documentId)
  const pending = row?.pending
  if (!row || !pending?.mutations.some((mutation) => mutation.id === id)) return false
  if (pending.failure !== null) return true
  const { conflict } = tables.projectionOf(row, pending)
  return conflict !== null && 'deferred' in conflict
}

/** What the ledger said of a row that is still pending. */
function* pendingEntries({ collection, id: documentId, rev, pending }: Row): Iterable<LedgerEntry> {
  if (pending === null) return
  const located = { collection, documentId }
  const { standsOn, frozen, nextId, failure } = pending
  if (nextId !== null) yield { kind: 'thawed', ...located, next: nextId }
  if (standsOn.kind === 'version') yield { kind: 'stands', ...located, on: standsOn.version }
  else if (standsOn === ON_BASE && (pending.mutations[0]?.base ?? '') !== rev)
    yield { kind: 'stands', ...located, on: 'base' }
  // In this order: a failure ends a flight, and here the flight is of what was written since.
  if (failure !== null) yield { kind: 'failed', ...located, ...failure }
  if (frozen !== null) yield { kind: 'frozen', ...located, ...frozen }
}
