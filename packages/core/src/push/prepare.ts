import type { PushMutation } from '../contracts/remote-store.ts'
import type { Document } from '../model/document.ts'
import { successorOf } from '../model/hlc.ts'
import { jsonEquals } from '../model/json.ts'
import type { Mutation } from '../model/mutation.ts'
import type { LedgerEntry } from '../storage/ledger-entry.ts'
import { baseOf, type Pending, type Projection, type Row, rowWith } from '../storage/row.ts'
import type { Tables } from '../storage/tables.ts'

/** What pushing one document's pending mutations comes to. */
export type Prepared =
  /** `frozen` if it was frozen before, and is sent again exactly so. */
  | {
      readonly kind: 'send'
      readonly row: Row
      readonly ids: readonly string[]
      readonly sent: PushMutation
      readonly frozen: boolean
    }
  /** They change nothing at the remote: settled without being sent. */
  | { readonly kind: 'settle'; readonly row: Row; readonly entry: LedgerEntry }
  /** Not to be sent now. */
  | { readonly kind: 'held'; readonly row: Row }

export type Send = Extract<Prepared, { kind: 'send' }>

export interface PrepareParts {
  readonly tables: Tables
  readonly replica: string
  readonly isUnconfirmed: (mutationId: string) => boolean
  readonly isLocalOnly: (collection: string) => boolean
  /** The remote asked to leave this document alone for now. */
  readonly isWaiting: (row: Row) => boolean
}

/**
 * Coalesces the pending mutations of one document into what is sent: the document that they make
 * of the base, under the id of the last one. Create and delete cancel out, update and delete is a
 * delete, and so on, since only base and result count. With `upTo` only the mutations up to that
 * id: the later ones wait, as those do that are made while a document is in flight. What was taken back
 * goes under an id of its own, so that no revision names two versions.
 */
export function prepare(row: Row, parts: PrepareParts, { upTo }: { upTo?: string } = {}): Prepared {
  const { collection, id, pending } = row
  if (pending === null || parts.isWaiting(row)) return { kind: 'held', row }
  if (pending.frozen !== null)
    return { kind: 'send', row, ids: pending.frozen.ids, sent: pending.frozen.sent, frozen: true }
  const isAll = upTo === undefined || pending.mutations.at(-1)?.id === upTo
  const mutations = isAll ? pending.mutations : pending.mutations.filter((m) => m.id <= upTo)
  const last = mutations.at(-1)
  if (last === undefined || isFailed(pending, last) || mutations.some((m) => parts.isUnconfirmed(m.id))) {
    return { kind: 'held', row }
  }
  const ids = mutations.map((mutation) => mutation.id)
  const { value, conflict } = projectionOf(row, pending, { mutations, tables: parts.tables })
  if (conflict !== null && 'deferred' in conflict) return { kind: 'held', row }
  const base = baseOf(row)
  const located = { collection, documentId: id }
  const decisions = conflict === null ? {} : { decisions: conflict.decisions }
  if (jsonEquals(value, base?.value ?? null)) {
    const how = conflict === null || conflict.decisions.length === 0 ? 'superseded' : 'overruled'
    return { kind: 'settle', row, entry: { kind: 'settled', ...located, ids, how, ...decisions } }
  }
  const hlc = last.hlc > row.hlc ? last.hlc : successorOf(row.hlc, parts.replica)
  if (parts.isLocalOnly(collection)) {
    return {
      kind: 'settle',
      row,
      entry: { kind: 'settled', ...located, ids, how: 'applied', rev: last.id, hlc },
    }
  }
  const sent: PushMutation = {
    id: pending.nextId ?? last.id,
    hlc,
    ...located,
    base: base?.rev ?? null,
    value,
    ...(base?.value && value ? { fields: changedFields(base.value, value) } : {}),
    ...groupOf(mutations),
  }
  return { kind: 'send', row, ids, sent, frozen: false }
}

/** What the first of the pending mutations make of the base. */
function projectionOf(
  row: Row,
  pending: Pending,
  { mutations, tables }: { mutations: Mutation[]; tables: Tables },
): Projection {
  if (mutations.length === pending.mutations.length) return tables.projectionOf(row, pending)
  const earlier = { ...pending, mutations, projection: null }
  return tables.projectionOf(rowWith(row, earlier), earlier)
}

/** What was refused is tried again only together with something that the application wrote since. */
function isFailed({ failure }: Pending, last: Mutation): boolean {
  return failure?.ids.includes(last.id) ?? false
}

function changedFields(before: Document, after: Document): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...fields].filter((field) => !jsonEquals(before[field], after[field]))
}

function groupOf(mutations: readonly Mutation[]): { group: string } | Record<never, never> {
  const group = mutations.find((mutation) => mutation.group !== undefined)?.group
  return group === undefined ? {} : { group }
}

/** What the ledger keeps of a frozen mutation: most of it stands in the log already if one create made it. */
export function frozenEntry({ row, ids, sent }: Extract<Prepared, { kind: 'send' }>): LedgerEntry {
  const located = { collection: row.collection, documentId: row.id }
  const { mutations } = row.pending as Pending
  const isPlainCreate =
    ids[0] === sent.id && mutations[0]?.change.kind === 'create' && mutations[0].change.value === sent.value
  if (!isPlainCreate || sent.fields !== undefined) return { kind: 'frozen', ...located, ids, sent }
  const { id, hlc, base } = sent
  const short = sent.group === undefined ? { id, hlc, base } : { id, hlc, base, group: sent.group }
  return { kind: 'frozen', ...located, ids, sent: short }
}
