import { applyPlanned } from '../apply/apply-page.ts'
import type { InLane } from '../apply/lane.ts'
import type { PullPage } from '../contracts/remote-store.ts'
import type { Storage } from '../storage/storage.ts'
import { type PlanParts, planPage } from './plan-page.ts'

/** Merges one pulled page into the local state and applies it in one commit. */
export function acceptPage(
  page: PullPage,
  options: PlanParts & { storage: Storage; inLane: InLane },
): Promise<void> {
  return applyPlanned(options.storage, options.inLane, () => planPage(page, options))
}
