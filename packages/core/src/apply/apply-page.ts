import type { CommitPlan } from '../storage/commit.ts'
import type { Storage } from '../storage/storage.ts'
import type { InLane } from './lane.ts'

/**
 * Applies what a pull brought: `plan` is called inside the lane, when no base can change any
 * more, and its commit holds documents and checkpoints together. Observers hear of it once it is
 * durable. A plan of null costs nothing.
 */
export async function applyPlanned(
  storage: Storage,
  inLane: InLane,
  plan: () => CommitPlan | null,
): Promise<void> {
  await inLane(async () => {
    const planned = plan()
    if (planned !== null) await storage.commit(planned)
  })
}
