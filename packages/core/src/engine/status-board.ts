import type { PushOutcome } from '../contracts/remote-store.ts'
import type { ErrorCode } from '../errors/codes.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import { createStore, type ReadableStore } from '../observe/store.ts'
import type { Row } from '../storage/row.ts'
import type { Storage } from '../storage/storage.ts'

/**
 * stopped: sync was not started · offline · idle: nothing to do · syncing: a round runs ·
 * waiting: the last round failed, the next comes by itself · paused: credentials were refused or
 * the remote moved, someone has to act · lost: the local database went away · closed
 */
export type SyncState = 'stopped' | 'offline' | 'idle' | 'syncing' | 'waiting' | 'paused' | 'lost' | 'closed'

export interface SyncStatus {
  readonly state: SyncState
  /** True while the local database is being read: of the counts, only `pending` is known. */
  readonly isLoading: boolean
  /** This tab syncs for all that share the database. */
  readonly isLeader: boolean
  /** Mutations whose outcome at the remote is not known yet; of these … */
  readonly pending: number
  /** … documents that are being sent. */
  readonly inFlight: number
  /** Documents that the remote refused: see `failed`. */
  readonly failed: number
  /** Documents that a person must settle, without those in flight: see `conflicts`. */
  readonly conflicts: number
  /** Changes from the remote that could not be taken since they were malformed: see `sync.refused`. */
  readonly refused: number
  /** ms since 1970. */
  readonly lastSyncAt: number | null
  readonly nextSyncAt: number | null
  readonly error: { readonly code: ErrorCode; readonly message: string } | null
  /**
   * When this local database was begun in place of one that the browser dropped, where the store
   * can tell; ms since 1970. What had not been synced then is gone; the rest comes by sync.
   */
  readonly droppedAt: number | null
  /** Nothing pending, and the last round went through. */
  readonly isInSync: boolean
}

export interface SyncMetrics {
  readonly rounds: number
  readonly failedRounds: number
  readonly requests: number
  readonly outcomes: Readonly<Record<PushOutcome['kind'], number>>
  readonly pulledChanges: number
  /** ms; of the last hundred rounds. */
  readonly roundMean: number
  readonly roundP95: number
}

/** What only the leader knows, and tells the other tabs. */
export interface LeaderFacts {
  readonly state: SyncState
  readonly lastSyncAt: number | null
  readonly nextSyncAt: number | null
  readonly error: SyncStatus['error']
}

const REMEMBERED_ROUNDS = 100

/** Keeps the sync status and the metrics. The snapshot is made when it is asked for, so a write costs no count. */
export class StatusBoard {
  readonly status: ReadableStore<SyncStatus>
  readonly #storage: Storage
  readonly #parts: { isConflict: (row: Row) => boolean; refused: () => number }
  readonly #changes = createStore(0)
  readonly #durations: number[] = []
  readonly #outcomes = { applied: 0, duplicate: 0, conflict: 0, rejected: 0, retry: 0 }
  #facts: LeaderFacts = { state: 'stopped', lastSyncAt: null, nextSyncAt: null, error: null }
  #isLeader = false
  #droppedAt: number | null = null
  #rounds = 0
  #failedRounds = 0
  #pulledChanges = 0
  #snapshot: SyncStatus | null = null

  constructor(storage: Storage, parts: { isConflict: (row: Row) => boolean; refused: () => number }) {
    this.#storage = storage
    this.#parts = parts
    storage.tables.subscribe(() => this.#changed())
    this.status = {
      subscribe: (listener) => this.#changes.subscribe(listener),
      getSnapshot: () => {
        this.#snapshot ??= this.#make()
        return this.#snapshot
      },
    }
  }

  get facts(): LeaderFacts {
    return this.#facts
  }

  metrics(requests: number): SyncMetrics {
    const sorted = this.#durations.toSorted((a, b) => a - b)
    return {
      rounds: this.#rounds,
      failedRounds: this.#failedRounds,
      requests,
      outcomes: { ...this.#outcomes },
      pulledChanges: this.#pulledChanges,
      roundMean: sorted.reduce((sum, ms) => sum + ms, 0) / Math.max(1, sorted.length),
      roundP95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0,
    }
  }

  set(facts: Partial<LeaderFacts>): void {
    this.#facts = { ...this.#facts, ...facts }
    this.#changed()
  }

  setLeader(isLeader: boolean): void {
    this.#isLeader = isLeader
    this.#changed()
  }

  setDropped(at: number): void {
    this.#droppedAt = at
    this.#changed()
  }

  roundEnded(round: { at: number; ms: number; error: HoldfastError | null; state: SyncState }): void {
    const { at, ms, error, state } = round
    this.#rounds++
    if (error !== null) this.#failedRounds++
    this.#durations.push(ms)
    if (this.#durations.length > REMEMBERED_ROUNDS) this.#durations.shift()
    this.set({
      state,
      lastSyncAt: error === null ? at : this.#facts.lastSyncAt,
      error: error === null ? null : { code: error.code, message: error.message },
    })
  }

  pushed(counts: Readonly<Record<PushOutcome['kind'], number>>): void {
    for (const kind of Object.keys(counts) as PushOutcome['kind'][]) this.#outcomes[kind] += counts[kind]
  }

  pulled(changes: number): void {
    this.#pulledChanges += changes
  }

  #changed(): void {
    this.#snapshot = null
    this.#changes.set(this.#changes.getSnapshot() + 1)
  }

  #make(): SyncStatus {
    const { counts, ready, tables } = this.#storage
    const { state, lastSyncAt, nextSyncAt, error } = this.#facts
    let conflicts = 0
    for (const row of tables.contested) if (this.#parts.isConflict(row)) conflicts++
    return {
      state,
      isLoading: ready !== null,
      isLeader: this.#isLeader,
      pending: counts.pending,
      inFlight: counts.frozen,
      failed: counts.failed,
      conflicts,
      refused: this.#parts.refused(),
      lastSyncAt,
      nextSyncAt,
      error,
      droppedAt: this.#droppedAt,
      isInSync: counts.pending === 0 && lastSyncAt !== null && error === null,
    }
  }
}
