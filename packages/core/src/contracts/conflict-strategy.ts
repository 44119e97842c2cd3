import type { Document, Hlc } from '../model/document.ts'

/**
 * ConflictStrategy: settles a mutation whose base is not the remote's current version.
 *
 * Pure, deterministic and total: the same input gives the same result on every replica, at any
 * time. A strategy that throws parks the document as a deferred conflict. Deletions are settled
 * by the collection's `deletes` rule before a strategy is asked, so `local` and `remote` exist.
 */
export interface ConflictStrategy {
  readonly specVersion: 1
  /** For people and audit trails. */
  readonly name: string
  resolve(conflict: Conflict): Resolution
}

export interface Conflict {
  /** The version both sides started from; null if each created the document. */
  readonly base: Document | null
  readonly local: Document
  readonly remote: Document
  readonly context: ConflictContext
}

export interface ConflictContext {
  readonly collection: string
  readonly id: string
  readonly localHlc: Hlc
  readonly remoteHlc: Hlc
}

export type Resolution =
  | { readonly value: Document; readonly decisions: readonly Decision[] }
  /** A person must decide: the document stays as the user left it, unsent, in the conflict inbox. */
  | { readonly defer: string }

/** What was chosen for one field, and why: the audit trail, and what undo works from. */
export interface Decision {
  /** Path of the field, as keys from the root; empty for the whole document. */
  readonly path: readonly string[]
  readonly chosen: 'local' | 'remote' | 'merged'
  /** One word or short phrase: `only local changed`, `newer`, … */
  readonly why: string
}

/**
 * What happens when one side deleted and the other edited:
 * `deleteWins` (the default): a delete is undone only by someone who saw it;
 * `editWins`: the edited document stands, on top of the tombstone; `ask`: deferred.
 */
export type DeleteRule = 'deleteWins' | 'editWins' | 'ask'
