import type { Decision } from '../contracts/conflict-strategy.ts'
import type { PushMutation } from '../contracts/remote-store.ts'
import type { Document, Hlc, Rev, Version } from '../model/document.ts'
import type { Mutation } from '../model/mutation.ts'
import type { Failure } from './ledger-entry.ts'

/** In the place of a document that is only in its page, on disk. */
export const ON_DISK = Symbol('on disk')

export type Content = Document | null | typeof ON_DISK

/**
 * What is known of one document: the base (what the remote said last) and, apart from it, the
 * pending mutations (what the user did). The view is derived from both, so neither an
 * acknowledgement nor a rollback has anything to undo. With pending mutations, the base is in memory.
 */
export class Row {
  readonly collection: string
  readonly id: string
  /** Empty if the remote has no version that this replica knows. */
  rev: Rev = ''
  hlc: Hlc = ''
  /** null for a tombstone, and where there is no version. */
  content: Content = null
  /** Number of the page or ledger record that holds the base; 0: none. */
  at = 0
  /** The reconciliation in which the base was last confirmed. */
  confirmed = 0
  /** The change in which it was touched last, by `ViewChanges.revision`. */
  touchedIn = 0
  pending: Pending | null = null

  constructor(collection: string, id: string) {
    this.collection = collection
    this.id = id
  }

  /** The base's value. It must be in memory: `Storage.hold` sees to that. */
  get value(): Document | null {
    if (this.content === ON_DISK) throw new TypeError('a document was read that is on disk and not held')
    return this.content
  }
}

/** The same base under other pending mutations, for a look at what they make of it. */
export function rowWith(row: Row, pending: Pending): Row {
  return Object.assign(new Row(row.collection, row.id), row, { pending })
}

export function baseOf(row: Row): Version | null {
  return row.rev === '' ? null : { rev: row.rev, hlc: row.hlc, value: row.value }
}

/** The intents for one document whose outcome at the remote is not known yet. Never empty. */
export interface Pending {
  /** In the order of their ids. */
  mutations: Mutation[]
  /** The version that they were made on, where it is not the base any more. */
  standsOn: StandsOn
  frozen: Frozen | null
  /** After they were taken back, the id under which they are sent next: under the one before, something else was sent. */
  nextId: string | null
  failure: { readonly failure: Failure; readonly ids: readonly string[] } | null
  /** The view, once derived; dropped whenever something above or the base changes. */
  projection: Projection | null
}

export type StandsOn =
  | { readonly kind: 'base' }
  | {
      readonly kind: 'version'
      readonly version: Version | null
      /** The ledger does not say so: it is a copy of what the base was as it moved, and speaks of those that were pending then. */
      readonly isKept?: true
    }
  /** The base moved on in a moment that left no copy of this revision; rebuilt from the mutations' `was`. */
  | { readonly kind: 'lost' }

export const ON_BASE: StandsOn = { kind: 'base' }
export const LOST_GROUND: StandsOn = { kind: 'lost' }

export interface Frozen {
  readonly ids: readonly string[]
  readonly sent: PushMutation
}

/** What the pending mutations make of the base. */
export interface Projection {
  /** What the application sees. */
  readonly value: Document | null
  /** null: no conflict. Otherwise how it was settled, or why a person must. */
  readonly conflict: { readonly decisions: readonly Decision[] } | { readonly deferred: string } | null
}

export type Project = (row: Row) => Projection

export function newPending(): Pending {
  return { mutations: [], standsOn: ON_BASE, frozen: null, nextId: null, failure: null, projection: null }
}

/** Inserts by id; mutations of other tabs may come late. Returns false if it was there already. */
export function insertMutation(pending: Pending, mutation: Mutation): boolean {
  const { mutations } = pending
  if (mutations.length === 0) {
    // A list of one holds room for one; a list that was added to, for many.
    pending.mutations = [mutation]
    return true
  }
  let at = mutations.length
  while (at > 0 && (mutations[at - 1] as Mutation).id > mutation.id) at--
  if (at > 0 && (mutations[at - 1] as Mutation).id === mutation.id) return false
  mutations.splice(at, 0, mutation)
  return true
}
