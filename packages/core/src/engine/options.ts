import type { ContainerInstance } from 'typedi'
import type { Durability, LocalStore } from '../contracts/local-store.ts'
import type { RemoteStore } from '../contracts/remote-store.ts'
import type { SchedulePolicy } from '../schedule/policy.ts'
import type { CollectionConfig } from './collection-options.ts'

// biome-ignore lint/suspicious/noExplicitAny: any document type may stand here; each is inferred by itself.
export type CollectionConfigs = Readonly<Record<string, CollectionConfig<any>>>

export interface HoldfastOptions<C extends CollectionConfigs> {
  /** Name of the local database; together with `user`, in at most 254 characters, it says which one is opened. */
  readonly name: string
  readonly local: LocalStore
  /** Left out: documents stay here and wait for a remote. */
  readonly remote?: RemoteStore
  readonly collections: C
  /** Whose documents these are. Each user has a database of their own, and sends only from it. */
  readonly user?: string
  /** What writes wait for; the strongest that the store offers up to 'relaxed' unless given. */
  readonly durability?: Durability
  /** Changes to the sync schedule, in ms. */
  readonly schedule?: Partial<SchedulePolicy>
  /** Called once when the remote refused the credentials; sync goes on if it resolves, and pauses with `auth` if it rejects. */
  readonly refreshAuth?: () => Promise<void>
  /** Replaces parts of the engine, by their tokens, before it is composed. */
  readonly parts?: (container: ContainerInstance) => void
}
