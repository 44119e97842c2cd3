import { updateBetween } from '../model/changes.ts'
import type { Document, Hlc, Version } from '../model/document.ts'
import { latestOf, replicaOf } from '../model/hlc.ts'
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
      if (row.pending?.standsOn.kind === 'base')
        yield { kind: 'stands', collection, documentId: id, on: baseOf(row) }
      yield { kind: 'forgotten', collection, documentId: id }
      if (parts.isRewound) yield* resumed(row, { collection, id, onto: null }, parts)
    }
  }
}

/** What this replica wrote and the remote's rewound history lost, as a mutation onto what the remote has. */
export function resumed(
  row: Row,
  { collection, id, onto }: { collection: string; id: string; onto: Version | null },
  { state, stamp }: ReconcileParts,
): LedgerEntry[] {
  if (row.pending !== null || replicaOf(row.hlc) !== state.manifest.replica) return []
  const change = changeBetween(onto?.value ?? null, row.value)
  if (change === null) return []
  const after = latestOf(onto?.hlc ?? '', row.hlc)
  const mutation = { ...stamp(after), collection, documentId: id, base: onto?.rev ?? null, change }
  return [{ kind: 'carried', collection, documentId: id, mutation }]
}

function changeBetween(before: Document | null, after: Document | null): Change | null {
  if (after === null) return before === null ? null : { kind: 'delete' }
  return before === null ? { kind: 'create', value: after } : updateBetween(before, after)
}
