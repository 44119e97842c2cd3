import type { Document, Version } from '../model/document.ts'
import { applyChange, type Change } from '../model/mutation.ts'
import { baseOf, type Row } from '../storage/row.ts'
import type { Tables } from '../storage/tables.ts'
import type { Place } from './places.ts'

/**
 * The version from elsewhere that shows in `view`, the document as it is seen, besides what is pending;
 * null: none does, or a person has yet to decide between the two.
 */
export function seenIn(view: Document | null, row: Row | undefined, tables: Tables): Version | null {
  if (view === null || !row?.pending || row.value === null) return null
  const { conflict } = tables.projectionOf(row, row.pending)
  return conflict !== null && 'decisions' in conflict ? baseOf(row) : null
}

/**
 * The change with a copy of the version that was seen, where nothing else says that it was made on it.
 * Where what is pending leaves no document that a patch could be laid over, the first change of a draft
 * becomes the document that it makes.
 */
export function changeOver({ seen, row }: Place, change: Change, isFirst: boolean): Change {
  if (seen === null) return change
  if (change.kind === 'delete') return { kind: 'delete', over: seen }
  if (!isFirst || !endsDeleted(row)) return change
  const value = applyChange(seen.value, change)
  return value === null ? change : { kind: 'create', value, over: seen }
}

/** On their own, the pending mutations leave no document: one that is seen all the same was kept by an edit elsewhere. */
function endsDeleted(row: Row | undefined): boolean {
  return row?.pending?.mutations.findLast(({ change }) => change.kind !== 'update')?.change.kind === 'delete'
}
