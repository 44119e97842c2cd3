import { applyPlanned } from '../apply/apply-page.ts'
import type { InLane } from '../apply/lane.ts'
import type { PullPage } from '../contracts/remote-store.ts'
import { replicaOf } from '../model/hlc.ts'
import type { Located } from '../storage/located.ts'
import type { Storage } from '../storage/storage.ts'
import { isSameOrigin, type PlanParts, planPage } from './plan-page.ts'

/** Merges one pulled page into the local state and applies it in one commit. */
export function acceptPage(
  page: PullPage,
  options: PlanParts & { storage: Storage; inLane: InLane; fence: number },
): Promise<void> {
  const { storage, inLane, fence } = options
  return applyPlanned(storage, inLane, {
    fence,
    reads: () => [...page.changes, ...rewoundHere(page, options)],
    plan: () => planPage(page, options),
  })
}

/** At the end of a rewound history, what this replica wrote may have to be enqueued again. */
function* rewoundHere(page: PullPage, { state, collections }: PlanParts): Iterable<Located> {
  const { origin, rewound, replica } = state.manifest
  const isMoved = origin !== null && !isSameOrigin(origin, page.origin)
  if (page.hasMore || !(isMoved || rewound)) return
  for (const collection of collections) {
    for (const row of state.tables.rowsOf(collection)) if (replicaOf(row.hlc) === replica) yield row
  }
}
