import type { LocatedVersion } from '../model/document.ts'
import type { CommitPlan } from './commit.ts'
import { looseVersions, pageNumbers, versionsWhere } from './fold.ts'
import type { LocalState } from './local-state.ts'
import { PAGE_ROWS } from './records.ts'

/** Compaction begins when pages hold this many times the versions that are live. */
const MAX_RATIO = 1.5
/** Fewer dead versions than this are not worth a commit. */
const MIN_DEAD = PAGE_ROWS

/**
 * The next step of compaction, or null: the oldest page is removed, and what is live in it is
 * written to a new one, with a higher number, in the same commit. A tombstone in the oldest page
 * goes for good, since no older copy of its document can remain, unless the ledger still has one.
 * First, bases that the ledger holds move to pages: it may tell only how they follow from older ones.
 */
export function nextCompaction(state: LocalState): CommitPlan | null {
  const { pages } = state.manifest
  const [oldest] = pages
  if (oldest === undefined) return null
  const stored = pages.reduce((sum, [, count]) => sum + count, 0)
  const numbers = pageNumbers(state)
  let live = 0
  for (const [no, count] of state.tables.liveByNo) if (numbers.has(no)) live += count
  if (stored <= live * MAX_RATIO || stored - live < MIN_DEAD) return null
  const loose = looseVersions(state)
  if (loose.length > 0) return { moved: loose }
  const [no] = oldest
  const isLedgerEmpty = state.replay.settledCount === 0
  const versions =
    (state.tables.liveByNo.get(no) ?? 0) === 0
      ? []
      : versionsWhere(state, (at) => at === no, Number.POSITIVE_INFINITY)
  const isOver = ({ value, collection, id }: LocatedVersion) =>
    value === null && isLedgerEmpty && state.tables.get(collection, id)?.pending === null
  return {
    moved: versions.filter((version) => !isOver(version)),
    forget: versions.filter(isOver).map(({ collection, id }) => [collection, id] as const),
    removePages: [no],
  }
}
