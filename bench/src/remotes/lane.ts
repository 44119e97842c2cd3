import type { RemoteStore } from '../../../packages/core/src/index.ts'
import type { Contact, Digest } from '../contacts.ts'

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
  /** What is stored where Holdfast writes. */
  stored(): Promise<Digest>
  stop(): Promise<void>
}
