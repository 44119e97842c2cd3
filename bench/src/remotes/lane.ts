import type { RemoteStore } from '../../../packages/core/src/index.ts'
import type { Contact, Digest } from '../contacts.ts'

/** A part of the way, by itself: where the time goes, and what the platform allows. */
export interface ReadPart {
  readonly name: string
  run(): Promise<readonly Contact[]>
}

export interface WritePart {
  readonly name: string
  /** Rows that end up where Holdfast writes. */
  readonly isSynced: boolean
  run(contacts: readonly Contact[]): Promise<void>
}

/** One kind of backend, started and empty, with the bare client beside Holdfast's remote. */
export interface RemoteLane {
  readonly name: string
  readonly bareBatches: string
  /** Fills what Holdfast and what the bare client read. */
  seed(contacts: readonly Contact[]): Promise<void>
  remote(): RemoteStore
  /** Requests of either since the last call. */
  takeRequests(): number
  /** Everything, with the largest batches that the client can sensibly read. */
  barePull(): Promise<readonly Contact[]>
  barePush(contacts: readonly Contact[]): Promise<void>
  readonly reads: readonly ReadPart[]
  readonly writes: readonly WritePart[]
  /** What is stored where Holdfast writes. */
  stored(): Promise<Digest>
  /** What the bare client wrote, its seed too. */
  bareStored(): Promise<Digest>
  stop(): Promise<void>
}
