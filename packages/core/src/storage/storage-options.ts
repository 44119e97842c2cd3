import type { LocalStore } from '../contracts/local-store.ts'
import type { Hlc } from '../model/document.ts'
import type { Channel, Runtime } from '../runtime/runtime.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import type { Project } from './row.ts'

export interface StorageOptions {
  /** Open already. */
  readonly store: LocalStore
  /** Random, 16 hex digits, new for each open. */
  readonly writer: string
  /** Becomes the replica's id if the database is new. */
  readonly newReplica: string
  readonly user: string | null
  readonly project: Project
  /** Reaches the other tabs that have this database open. */
  readonly channel: Channel
  /** The clock's latest reading, persisted with each manifest. */
  readonly clock: () => Hlc
  readonly runtime: Pick<Runtime, 'setTimer' | 'monotonic'>
  /** Told whose database it is, before any timestamp of it. */
  readonly onReplica: (replica: string) => void
  /** Told of each timestamp met, so that the clock stays ahead of what is stored. */
  readonly onHlc: (hlc: Hlc) => void
  /** Told of what this tab or another has committed, when it is durable and shown. */
  readonly onLedger: (entries: readonly LedgerEntry[]) => void
  /** A failure that no caller is there to be told of. */
  readonly onError: (error: unknown) => void
}
