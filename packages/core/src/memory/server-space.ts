import type { PushMutation, PushOutcome } from '../contracts/remote-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Document, Hlc } from '../model/document.ts'
import { formatHlc, latestOf, replicaOf, successorOf } from '../model/hlc.ts'
import { jsonEquals } from '../model/json.ts'
import {
  currentOf,
  faultOf,
  type Rejection,
  type StoredDocument,
  valueAfter,
  withRecent,
} from './stored-document.ts'

/** What a space takes from its server. */
export interface SpaceRules {
  readonly now: () => number
  readonly randomHex: (digits: number) => string
  readonly maxDocumentBytes: number
  readonly reject: (mutation: PushMutation) => Rejection | null
  readonly change: (value: Document, mutation: PushMutation) => Document
}

export interface SpaceImage {
  readonly documents: ReadonlyMap<string, StoredDocument>
  readonly seq: number
  readonly floor: number
  /** The latest timestamp among forgotten tombstones. */
  readonly forgotten: Hlc
}

interface OpenWriter {
  readonly firstSeq: number
  readonly since: number
  readonly staged: Map<string, StoredDocument>
}

interface Documents {
  get(key: string): StoredDocument | undefined
  set(key: string, document: StoredDocument): unknown
}

const LOCKED_MS = 50

/** The documents of one space, each at its latest place in the feed. */
export class ServerSpace {
  readonly #rules: SpaceRules
  readonly #writers = new Set<OpenWriter>()
  #documents = new Map<string, StoredDocument>()
  #seq = 0
  /** Checkpoints below it are older than what the feed keeps. */
  #floor = 0
  /** A document that is created anew is stamped after every forgotten tombstone, or those who know its tombstone would take it for older. */
  #forgotten: Hlc = ''

  constructor(rules: SpaceRules) {
    this.#rules = rules
  }

  get floor(): number {
    return this.#floor
  }

  /** Up to here the feed is complete: nothing at or below it can still appear. */
  get horizon(): number {
    return Math.min(this.#seq, ...[...this.#writers].map((writer) => writer.firstSeq - 1))
  }

  /** Milliseconds for which the oldest open writer has held the feed back; undefined: there is none. */
  get lag(): number | undefined {
    if (this.#writers.size === 0) return undefined
    return Math.max(0, ...[...this.#writers].map((writer) => this.#rules.now() - writer.since))
  }

  /** Documents that the feed shows, in its order. */
  feed(): StoredDocument[] {
    const { horizon } = this
    return [...this.#documents.values()].filter(({ seq }) => seq <= horizon).sort((a, b) => a.seq - b.seq)
  }

  get(collection: string, id: string): StoredDocument | undefined {
    return this.#documents.get(keyOf(collection, id))
  }

  /**
   * One outcome each; mutations of one group take effect together or not at all. One that took effect
   * before says so, also where the rest of its group does not fit any more: its sender must not take it back.
   */
  push(mutations: readonly PushMutation[], replica: string): PushOutcome[] {
    const outcomes: (PushOutcome | undefined)[] = mutations.map(() => undefined)
    for (const [i, { group }] of mutations.entries()) {
      if (outcomes[i] !== undefined) continue
      const members = group === undefined ? [i] : placesOf(mutations, group)
      const staged = new Map<string, StoredDocument>()
      const documents = this.#documentsUnder(staged)
      for (const place of members) {
        outcomes[place] = this.#apply(mutations[place] as PushMutation, documents, replica)
      }
      if (members.every((place) => isInEffect(outcomes[place]))) {
        for (const [key, document] of staged) this.#documents.set(key, document)
      } else {
        for (const place of members) {
          if (outcomes[place]?.kind === 'applied')
            outcomes[place] = { kind: 'retry', after: 0, reason: 'group' }
        }
      }
    }
    return outcomes as PushOutcome[]
  }

  /** A write by another program: visible at once. */
  write(collection: string, id: string, value: Document | null): StoredDocument {
    if (this.#isLocked(keyOf(collection, id))) throw lockedError()
    return this.#stamp(this.#documents, { collection, id, value })
  }

  /** A writer that takes its places in the feed now and commits later. */
  begin(): {
    write(collection: string, id: string, value: Document | null): StoredDocument
    commit(): void
    rollback(): void
  } {
    const writer: OpenWriter = { firstSeq: this.#seq + 1, since: this.#rules.now(), staged: new Map() }
    this.#writers.add(writer)
    return {
      write: (collection, id, value) =>
        this.#stamp(this.#documentsUnder(writer.staged), { collection, id, value }),
      commit: () => {
        if (!this.#writers.delete(writer)) return
        for (const [key, document] of writer.staged) this.#documents.set(key, document)
      },
      rollback: () => {
        this.#writers.delete(writer)
      },
    }
  }

  /** Forgets every tombstone: clients whose checkpoint is older start over. */
  forgetTombstones(): void {
    for (const [key, { value, hlc }] of this.#documents) {
      if (value !== null) continue
      this.#documents.delete(key)
      this.#forgotten = latestOf(this.#forgotten, hlc)
    }
    this.#floor = this.#seq
  }

  image(): SpaceImage {
    return {
      documents: new Map(this.#documents),
      seq: this.#seq,
      floor: this.#floor,
      forgotten: this.#forgotten,
    }
  }

  restore({ documents, seq, floor, forgotten }: SpaceImage): void {
    this.#documents = new Map(documents)
    this.#seq = seq
    this.#floor = floor
    this.#forgotten = forgotten
    this.#writers.clear()
  }

  /** The documents as they are with `staged` on top; what is set goes into `staged`. */
  #documentsUnder(staged: Map<string, StoredDocument>): Documents {
    return {
      get: (key) => staged.get(key) ?? this.#documents.get(key),
      set: (key, document) => staged.set(key, document),
    }
  }

  #isLocked(key: string): boolean {
    return [...this.#writers].some((writer) => writer.staged.has(key))
  }

  #apply(mutation: PushMutation, documents: Documents, replica: string): PushOutcome {
    const { id: rev, collection, documentId: id, base } = mutation
    const key = keyOf(collection, id)
    const fault = faultOf(mutation, this.#rules.maxDocumentBytes)
    if (fault !== null) return fault
    const current = documents.get(key)
    if (current?.recent.includes(rev)) return { kind: 'duplicate', current: currentOf(current) }
    if (this.#isLocked(key)) {
      return { kind: 'retry', after: LOCKED_MS, reason: 'locked' }
    }
    if ((current?.rev ?? null) !== base) {
      return { kind: 'conflict', current: current === undefined ? null : currentOf(current) }
    }
    if (current !== undefined && mutation.hlc <= current.hlc)
      return { kind: 'conflict', current: currentOf(current) }
    const hlc = current === undefined ? this.#afterForgotten(mutation.hlc) : mutation.hlc
    const refused = this.#rules.reject(mutation)
    if (refused !== null) return refused
    const patched = valueAfter(current?.value ?? null, mutation)
    const value = patched && structuredClone(this.#rules.change(patched, mutation))
    const isAsSent = jsonEquals(value, mutation.value)
    this.#seq += 1
    documents.set(key, {
      collection,
      id,
      rev,
      hlc,
      value,
      recent: withRecent(current?.recent ?? [], rev),
      seq: this.#seq,
      sentBy: isAsSent ? replica : null,
    })
    return { kind: 'applied', rev, hlc, ...(isAsSent ? {} : { value }) }
  }

  #afterForgotten(hlc: Hlc): Hlc {
    return hlc > this.#forgotten ? hlc : successorOf(this.#forgotten, replicaOf(hlc))
  }

  /** Gives a foreign write a revision and a timestamp after the version that it replaces. */
  #stamp(
    documents: Documents,
    {
      collection,
      id,
      value,
    }: { readonly collection: string; readonly id: string; readonly value: Document | null },
  ): StoredDocument {
    const key = keyOf(collection, id)
    const current = documents.get(key)
    const replica = this.#rules.randomHex(16)
    const clock = formatHlc({ wall: this.#rules.now(), counter: 0, replica })
    const hlc =
      current !== undefined && clock <= current.hlc
        ? successorOf(current.hlc, replica)
        : this.#afterForgotten(clock)
    this.#seq += 1
    const stored: StoredDocument = {
      collection,
      id,
      rev: `foreign-${this.#rules.randomHex(24)}`,
      hlc,
      value: structuredClone(value),
      recent: current?.recent ?? [],
      seq: this.#seq,
      sentBy: null,
    }
    documents.set(key, stored)
    return stored
  }
}

function placesOf(mutations: readonly PushMutation[], group: string): number[] {
  return [...mutations.keys()].filter((place) => mutations[place]?.group === group)
}

function isInEffect(outcome: PushOutcome | undefined): boolean {
  return outcome?.kind === 'applied' || outcome?.kind === 'duplicate'
}

function lockedError(): HoldfastError {
  return new HoldfastError(
    'store_locked',
    'An open writer of the memory server holds this document. Nothing was changed. Commit or roll it back first.',
  )
}

function keyOf(collection: string, id: string): string {
  return JSON.stringify([collection, id])
}
