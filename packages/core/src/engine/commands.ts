import type { InLane } from '../apply/lane.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { projectWith } from '../merge/project.ts'
import { threeWay } from '../merge/three-way.ts'
import { localWins, remoteWins } from '../merge/whole-side.ts'
import { updateBetween } from '../model/changes.ts'
import type { Document, Hlc, Version } from '../model/document.ts'
import { latestOf } from '../model/hlc.ts'
import type { Change, Mutation } from '../model/mutation.ts'
import { checkDocument } from '../model/validate.ts'
import type { Failure, LedgerEntry } from '../storage/ledger-entry.ts'
import { baseOf, type Pending, type Row } from '../storage/row.ts'
import type { Storage } from '../storage/storage.ts'
import type { Tables } from '../storage/tables.ts'

export interface DocumentRef {
  readonly collection: string
  readonly id: string
}

/** A document that the remote refused for good, kept until someone decides. */
export interface FailedDocument extends DocumentRef {
  readonly failure: Failure
  /** As the user left it; null: deleted. */
  readonly local: Document | null
  readonly mutationIds: readonly string[]
}

/** A conflict that a person must settle. Until then the document stays as the user left it, unsent. */
export interface OpenConflict extends DocumentRef {
  readonly reason: string
  /** What both sides started from; null: nothing, or no copy was kept. */
  readonly base: Document | null
  readonly local: Document | null
  readonly remote: Document | null
}

/** Commands on what is stuck. They change the ledger, so only the leader executes them. */
export interface CommandParts {
  readonly storage: Storage
  readonly inLane: InLane
  readonly stamp: (after: Hlc) => { readonly id: string; readonly hlc: Hlc }
  readonly maxBytesOf: (collection: string) => number
}

export function listFailed({ tables }: Storage): FailedDocument[] {
  const failed: FailedDocument[] = []
  for (const row of tables.queue) {
    const { collection, id, pending } = row
    if (!pending?.failure) continue
    const { failure, ids } = pending.failure
    failed.push({ collection, id, failure, local: tables.viewOf(row), mutationIds: ids })
  }
  return failed
}

export function listConflicts({ tables }: Storage): OpenConflict[] {
  const open: OpenConflict[] = []
  for (const row of tables.contested) {
    const { collection, id, pending } = row
    const reason = openReason(tables, row)
    if (pending === null || reason === null) continue
    const { standsOn } = pending
    const base = standsOn.kind === 'version' ? (standsOn.version?.value ?? null) : null
    open.push({ collection, id, reason, base, local: tables.viewOf(row), remote: row.value })
  }
  return open
}

/**
 * Why a person has to settle the document; null: nobody has to. While it is on its way, it can be
 * settled by nobody, and the answer may do it.
 */
export function openReason(tables: Tables, row: Row): string | null {
  if (row.pending === null || row.pending.frozen !== null) return null
  const { conflict } = tables.projectionOf(row, row.pending)
  return conflict !== null && 'deferred' in conflict ? conflict.deferred : null
}

/** Sends again what the remote refused, as it is. */
export function retryFailed(parts: CommandParts, ref: DocumentRef): Promise<void> {
  return changeLedger(parts, ref, ({ pending, located }) => {
    if (pending.failure === null) throw notFound('failed document')
    return [{ kind: 'revived', ...located }]
  })
}

/** Gives up the local changes of a document: it becomes what the remote has. */
export function discard(parts: CommandParts, ref: DocumentRef): Promise<void> {
  return changeLedger(parts, ref, ({ pending, located }) => {
    if (pending.frozen !== null) throw inFlight()
    return [{ kind: 'settled', ...located, ids: pending.mutations.map(({ id }) => id), how: 'discarded' }]
  })
}

/**
 * How a person settles a conflict: with a document of their own making (null: delete), or by one
 * side for the fields that both changed; what only one side changed is kept.
 */
export type ConflictAnswer = { readonly value: Document | null } | { readonly take: 'local' | 'remote' }

/** Settles an open conflict on top of what the remote has. */
export function resolveConflict(parts: CommandParts, ref: DocumentRef & ConflictAnswer): Promise<void> {
  const { collection } = ref
  const limits = { collection, maxBytes: parts.maxBytesOf(collection) }
  const given = 'value' in ref && ref.value !== null ? checkDocument(ref.value, limits) : null
  return changeLedger(parts, ref, ({ row, pending, located }) => {
    if (pending.frozen !== null) throw inFlight()
    if (openReason(parts.storage.tables, row) === null) throw notFound('open conflict')
    const settled: LedgerEntry = {
      kind: 'settled',
      ...located,
      ids: pending.mutations.map((mutation) => mutation.id),
      how: 'overruled',
      decisions: [{ path: [], chosen: 'merged', why: 'settled by a person' }],
    }
    const value = 'take' in ref ? sideOf(ref.take, row) : given
    const change = changeFrom(baseOf(row), value)
    if (change === null) return [settled]
    const mutation: Mutation = {
      ...parts.stamp(latestOf(row.hlc, pending.mutations.at(-1)?.hlc ?? '')),
      ...located,
      base: row.rev || null,
      change,
    }
    return [settled, { kind: 'carried', ...located, mutation }]
  })
}

function sideOf(side: 'local' | 'remote', row: Row): Document | null {
  const isDeleted = row.value === null
  const rules = {
    strategy: threeWay(side === 'local' ? localWins() : remoteWins()),
    deletes: (side === 'local') === isDeleted ? ('editWins' as const) : ('deleteWins' as const),
  }
  return projectWith(() => rules)(row).value
}

function changeFrom(base: Version | null, value: Document | null): Change | null {
  if (value === null) return base === null || base.value === null ? null : { kind: 'delete' }
  return base === null || base.value === null ? { kind: 'create', value } : updateBetween(base.value, value)
}

async function changeLedger(
  { storage, inLane }: CommandParts,
  { collection, id }: DocumentRef,
  entriesFor: (of: {
    row: Row
    pending: Pending
    located: { collection: string; documentId: string }
  }) => LedgerEntry[],
): Promise<void> {
  await inLane(async () => {
    // The ledger must not speak of a write that the disk may never have.
    while (
      storage.tables.get(collection, id)?.pending?.mutations.some((one) => storage.isUnconfirmed(one.id))
    )
      await storage.appended()
    const row = storage.tables.get(collection, id)
    if (!row?.pending) throw notFound('pending change')
    const ledger = entriesFor({ row, pending: row.pending, located: { collection, documentId: id } })
    await storage.commit({ ledger })
  })
}

/** What became of one document's writes, for a badge next to it. */
export type DocumentState =
  | { readonly kind: 'synced' | 'pending' | 'inFlight' | 'localOnly' | 'absent' | 'loading' }
  | { readonly kind: 'conflict'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: Failure }

export function stateOf(tables: Tables, row: Row, isLocalOnly: boolean): DocumentState {
  const { collection, id, pending } = row
  if (isLocalOnly) return { kind: tables.exists(collection, id) ? 'localOnly' : 'absent' }
  if (pending === null) return { kind: row.content === null ? 'absent' : 'synced' }
  if (pending.failure !== null) return { kind: 'failed', failure: pending.failure.failure }
  if (pending.frozen !== null) return { kind: 'inFlight' }
  const reason = openReason(tables, row)
  return reason === null ? { kind: 'pending' } : { kind: 'conflict', reason }
}

function notFound(what: string): HoldfastError {
  return new HoldfastError(
    'not_found',
    `There is no ${what} for this document any more. Nothing was changed.`,
  )
}

function inFlight(): HoldfastError {
  return new HoldfastError(
    'not_found',
    'This change is on its way to the remote, so it cannot be given up now. Nothing was changed. Try again after the round.',
    {
      retryable: true,
    },
  )
}
