import { updateBetween } from '../model/changes.ts'
import type { Document, Hlc, Version } from '../model/document.ts'
import { formatHlc, latestOf, replicaOf, wallOf } from '../model/hlc.ts'
import type { Change } from '../model/mutation.ts'
import type { LedgerEntry } from '../storage/ledger-entry.ts'
import type { LocalState } from '../storage/local-state.ts'
import { baseOf, type Row } from '../storage/row.ts'

export interface ReconcileParts {
  readonly state: LocalState
  /** A new id and timestamp for a mutation, greater than `after`. */
  readonly stamp: (after: Hlc) => { readonly id: string; readonly hlc: Hlc }
}

/**
 * The end of a reconciliation: what was not met from the beginning to the end of the feed, and has
 * no tombstone there, is not at the remote. It goes here too, without pushing a delete. What this
 * very replica wrote is enqueued again if the history was rewound, since its write was acknowledged.
 */
export function* reconciled(
  collections: Iterable<string>,
  parts: ReconcileParts & { isRewound: boolean },
): Iterable<LedgerEntry> {
  const { state } = parts
  for (const collection of collections) {
    const era = state.reconciliationOf(collection)
    for (const row of state.tables.rowsOf(collection)) {
      const { id } = row
      if (row.rev === '' || row.confirmed >= era) continue
      const resuming = parts.isRewound ? resumed(row, null, parts) : []
      if (resuming.length === 0) yield* keptGround(row)
      yield { kind: 'forgotten', collection, documentId: id }
      yield* resuming
    }
  }
}

/** Pending mutations keep the base that they stand on, since it moves. */
export function keptGround(row: Row): LedgerEntry[] {
  if (row.pending?.standsOn.kind !== 'base') return []
  return [{ kind: 'stands', collection: row.collection, documentId: row.id, on: baseOf(row) }]
}

/**
 * What this replica wrote and the remote's rewound history lost, as a mutation onto what the remote
 * has. Its id has a time before what was lost: what was made on that comes after it, also where
 * another tab tells of it later, and so stands on what the remote has. Nobody else changed anything
 * since.
 */
export function resumed(row: Row, onto: Version | null, { state, stamp }: ReconcileParts): LedgerEntry[] {
  const { collection, id: documentId, pending } = row
  if (replicaOf(row.hlc) !== state.manifest.replica) return []
  if (pending !== null && pending.standsOn.kind !== 'base') return []
  const located = { collection, documentId }
  const change = changeBetween(onto?.value ?? null, row.value)
  if (change === null) return pending === null ? [] : [{ kind: 'stands', ...located, on: 'base' }]
  const [first] = pending?.mutations ?? []
  const last = pending?.mutations.at(-1)
  const after = latestOf(onto?.hlc ?? '', row.hlc, last?.hlc ?? '', pending?.frozen?.sent.hlc ?? '')
  const { id, hlc } = stamp(after)
  // What went back before may be written again, and be pending, with an id that is as early.
  const next = first !== undefined && first.id < row.rev ? first.id : row.rev
  const before = formatHlc({ wall: wallOf(next) - 1, counter: 0, replica: id.slice(18) })
  const mutation = { id: before, hlc, ...located, base: onto?.rev ?? null, change }
  return [{ kind: 'carried', ...located, mutation }]
}

function changeBetween(before: Document | null, after: Document | null): Change | null {
  if (after === null) return before === null ? null : { kind: 'delete' }
  return before === null ? { kind: 'create', value: after } : updateBetween(before, after)
}
