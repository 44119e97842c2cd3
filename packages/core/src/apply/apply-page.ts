import type { CommitPlan } from '../storage/commit.ts'
import type { Located } from '../storage/located.ts'
import type { Storage } from '../storage/storage.ts'
import type { InLane } from './lane.ts'

export interface Planned {
  /** The fence under which it was asked for: what is known here may be newer under another one. */
  readonly fence: number
  /** The documents that the plan looks at. */
  readonly reads: () => readonly Located[]
  /** Called when no base can change any more, with those documents in memory. */
  readonly plan: () => CommitPlan | null
}

/**
 * Applies what a pull brought: it is planned inside the lane, and its commit holds documents and
 * checkpoints together. Observers hear of it once it is durable. A plan of null costs nothing.
 */
export async function applyPlanned(
  storage: Storage,
  inLane: InLane,
  { fence, reads, plan }: Planned,
): Promise<void> {
  await inLane(async () => {
    const holding = storage.hold(reads())
    const release = holding instanceof Promise ? await holding : holding
    try {
      storage.fence.assertHeld(fence)
      const planned = plan()
      if (planned !== null) await storage.commit(planned)
    } finally {
      release()
    }
  })
}
