import type { Document, Hlc, Rev, Version } from '../model/document.ts'

/**
 * RemoteStore: a change feed and a compare-and-set push for the documents of one space.
 *
 * Feed        what `pull` returns is in the order in which changes became visible. A change that
 *             was committed is never skipped, whatever the commit order and the clocks; a change
 *             may come more than once. Only `hasMore` ends a pull, never a short page.
 * Push        each mutation takes effect once, however often it is sent, and only on its `base`.
 *             Also on its base a mutation meets a `conflict` if its `hlc` is not greater than that
 *             of the current version: its sender knows an earlier version under that revision.
 *             What can never take effect, as a timestamp that is no HLC, is `rejected`.
 * Trust       what was not asked for is not taken: a change, checkpoint or reset of another collection
 *             is passed over. A change whose value is malformed, too large, or has another `id` than
 *             the change, is left out and listed in `sync.refused()`; the rest of its page is taken.
 * Identity    `origin` names the remote and its epoch. An epoch ends when history was rewound
 *             (restore, promotion): its checkpoints are void, and the remote starts over.
 * Failure     a call fails with a `HoldfastError` of code `network`, `timeout`, `throttled`
 *             (details.retryAfter in ms), `auth`, `moved`, `protocol` or `remote_not_installed`; the engine's
 *             reaction depends on the code alone. After a failed push nothing is known of any of
 *             its mutations; sending them again is always right.
 * Cancel      every call takes a signal, and fails with `aborted` soon after it fires.
 */
export interface RemoteStore {
  readonly specVersion: 1
  /** For people: which kind of remote, for status and messages. */
  readonly name: string
  readonly capabilities: RemoteCapabilities
  pull(request: PullRequest): Promise<PullPage>
  push(request: PushRequest): Promise<PushAnswer>
  /**
   * Told, while a push is under way, of what is likely to be pushed next: the very same list then comes to
   * `push`. For work that can be done ahead, such as the text of a request. A hint: nothing leaves before
   * the push, which may never come, and does not need it. What it throws is passed over.
   */
  prepare?(mutations: readonly PushMutation[]): void
  /** Calls `poke` when something may have changed. A hint: it may be late, doubled or missing. Returns how to stop. */
  subscribe?(poke: () => void): () => void
  /** Ends subscriptions and connections of this object. */
  close?(): Promise<void>
}

/** An opaque position in a change feed, valid for one origin. */
export type Checkpoint = string

/** Who answered: the remote's identity and the epoch of its history. */
export interface Origin {
  readonly remote: string
  readonly epoch: string
}

export interface PullRequest {
  /** One entry for each collection asked for; null: from the beginning. */
  readonly checkpoints: Readonly<Record<string, Checkpoint | null>>
  /** The origin that the checkpoints are valid for; null if there is none yet. */
  readonly origin: Origin | null
  /** Changes wanted in one page, over all collections; a remote may return fewer, or a few more. */
  readonly limit: number
  /** The asking replica: for its own revisions the remote may leave out the value (`own`). Sixteen zeros: nobody's. */
  readonly replica: string
  readonly signal: AbortSignal
}

export interface RemoteChange {
  readonly collection: string
  readonly id: string
  readonly rev: Rev
  readonly hlc: Hlc
  /** null: a tombstone (or left out, see `own`). */
  readonly value: Document | null
  /** True if the value was left out, since the asking replica made this revision. Never when the checkpoint was null. */
  readonly own?: true
}

export interface PullPage {
  readonly changes: readonly RemoteChange[]
  /** New checkpoints for the collections asked for; one that is left out has not moved. */
  readonly checkpoints: Readonly<Record<string, Checkpoint>>
  readonly hasMore: boolean
  readonly origin: Origin
  /**
   * Collections for which the remote ignored the checkpoint and started from the beginning: the
   * origin changed, or the checkpoint is older than what the feed keeps.
   */
  readonly reset?: readonly string[]
  /**
   * Milliseconds that an open writer delays the feed by, where the remote can tell. Present, if only
   * as 0, whenever the page may end before something that was committed already.
   */
  readonly lag?: number
}

/** One mutation as it crosses the network. What is sent under one id does not change while its outcome is unknown. */
export interface PushMutation {
  readonly id: string
  readonly hlc: Hlc
  readonly collection: string
  readonly documentId: string
  /** The revision that must be the current one (of a tombstone too); null: the document must not exist, nor its tombstone. */
  readonly base: Rev | null
  /** The whole document after the mutation; null deletes. */
  readonly value: Document | null
  /** Top-level fields that differ from the base; absent: all. Fields named here and missing in `value` are removed. */
  readonly fields?: readonly string[]
  /**
   * Mutations with one group take effect together or not at all, where `atomicGroups` is declared: if one
   * is neither `applied` nor `duplicate`, those that would have been `applied` are `retry`.
   */
  readonly group?: string
}

export interface PushRequest {
  readonly mutations: readonly PushMutation[]
  readonly replica: string
  readonly signal: AbortSignal
}

/** The version that is current at the remote, with the ids of the last few mutations in it. */
export interface CurrentVersion extends Version {
  readonly recent: readonly string[]
}

export type PushOutcome =
  /** Took effect now. `value` is present only where the remote changed what was sent. */
  | { readonly kind: 'applied'; readonly rev: Rev; readonly hlc: Hlc; readonly value?: Document | null }
  /** Had taken effect before. `current` is what stands now, which may be newer. */
  | { readonly kind: 'duplicate'; readonly current: CurrentVersion }
  /** Base is not current; nothing changed. null: there is no version at all. */
  | { readonly kind: 'conflict'; readonly current: CurrentVersion | null }
  /**
   * Refused for good: sending the same again cannot succeed. `reason` is a word for programs, the
   * remote's own but for `too_large`: the document is over `maxDocumentBytes`.
   */
  | {
      readonly kind: 'rejected'
      readonly reason: string
      readonly message?: string
      readonly field?: string
      readonly constraint?: string
    }
  /** Not decided; send again, after `after` ms. */
  | { readonly kind: 'retry'; readonly after: number; readonly reason: string }

export interface PushAnswer {
  /** One for each mutation, in order. */
  readonly outcomes: readonly PushOutcome[]
}

export interface RemoteCapabilities {
  /** Most mutations in one push. */
  readonly maxBatch: number
  /** Most bytes of UTF-8 JSON in one push. */
  readonly maxBatchBytes: number
  /** Largest document, in bytes of UTF-8 JSON. */
  readonly maxDocumentBytes: number
  /** Mutations that share a `group` take effect together. The largest group, or 0. */
  readonly atomicGroups: number
  /** `subscribe` is there. */
  readonly pokes: boolean
}
