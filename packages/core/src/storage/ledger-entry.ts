import type { Decision } from '../contracts/conflict-strategy.ts'
import type { PushMutation } from '../contracts/remote-store.ts'
import type { Document, Hlc, Rev, Version } from '../model/document.ts'
import type { Mutation } from '../model/mutation.ts'

/** Why the remote refused a mutation for good. */
export interface Failure {
  readonly reason: string
  readonly message?: string
  readonly field?: string
  readonly constraint?: string
  /** Wall clock of this replica, ms since 1970. */
  readonly at: number
}

/** How a mutation left the outbox. */
export type SettledHow =
  /** took effect at the remote (or, in a local-only collection, here) */
  | 'applied'
  /** had no effect of its own: undone by later ones, or already so at the remote */
  | 'superseded'
  /** lost a conflict, by the decisions given */
  | 'overruled'
  /** given up by the application */
  | 'discarded'

interface Located {
  readonly collection: string
  readonly documentId: string
}

/**
 * What became of pending mutations, in the order in which the leader learnt it. The log says what
 * the user did and is never rewritten; the ledger says the rest.
 */
export type LedgerEntry =
  | (Located & {
      readonly kind: 'settled'
      readonly ids: readonly string[]
      readonly how: SettledHow
      /** The version that became the base; absent: the base stays. */
      readonly rev?: Rev
      readonly hlc?: Hlc
      /** Its value; absent: what the settled mutations made of the base (or what was frozen). */
      readonly value?: Document | null
      readonly decisions?: readonly Decision[]
    })
  /** About to be sent as `sent`; immutable until its outcome is known. */
  | (Located & {
      readonly kind: 'frozen'
      readonly ids: readonly string[]
      /** Without the rest where the log has it: of a document that one create makes. */
      readonly sent: PushMutation | Omit<PushMutation, 'collection' | 'documentId' | 'value' | 'fields'>
    })
  /** The outcome is known and was not final, or only of a part: the mutations are free again, and go out next under `next`, if there is one. */
  | (Located & { readonly kind: 'thawed'; readonly next?: string })
  /** The version that the pending mutations stand on, kept since the base moved on; 'base': they stand on the base. */
  | (Located & {
      readonly kind: 'stands'
      readonly on: Version | null | 'base'
      /** The last mutation that it speaks of: later ones stand on what they were made on. Set by the commit. */
      readonly upTo?: string
    })
  | (Located & { readonly kind: 'failed'; readonly ids: readonly string[]; readonly failure: Failure })
  | (Located & { readonly kind: 'revived' })
  /** A mutation moved here from the log, so that the log before it can go. */
  | (Located & { readonly kind: 'carried'; readonly mutation: Mutation })
  /** The ids are settled, and nothing more; their log records may still be there. */
  | { readonly kind: 'gone'; readonly ids: readonly string[] }
  /**
   * The document is not at the remote any more, and no tombstone says so: forgotten here. Said again
   * as long as a page before record `since` (this one, unless given) may hold it.
   */
  | (Located & { readonly kind: 'forgotten'; readonly since?: number })
