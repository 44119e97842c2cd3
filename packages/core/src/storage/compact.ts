import type { LocatedVersion } from '../model/document.ts'
import type { CommitPlan } from './commit.ts'
import { looseVersions } from './fold.ts'
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
export async function nextCompaction(
  state: LocalState,
  readPage: (no: number) => Promise<readonly LocatedVersion[]>,
): Promise<CommitPlan | null> {
  const { pages } = state.manifest
  const [oldest] = pages
  if (oldest === undefined) return null
  let stored = 0
  let live = 0
  for (const [no, count] of pages) {
    stored += count
    live += state.tables.liveByNo.get(no) ?? 0
  }
  if (stored <= live * MAX_RATIO || stored - live < MIN_DEAD) return null
  const loose = looseVersions(state)
  if (loose.length > 0) return { moved: loose }
  const [no] = oldest
  const isLedgerEmpty = state.replay.settledCount === 0
  const isLive = ({ collection, id, rev }: LocatedVersion) => {
    const row = state.tables.get(collection, id)
    return row?.at === no && row.rev === rev
  }
  const versions = (state.tables.liveByNo.get(no) ?? 0) === 0 ? [] : (await readPage(no)).filter(isLive)
  const isOver = ({ value, collection, id }: LocatedVersion) =>
    value === null && isLedgerEmpty && state.tables.get(collection, id)?.pending === null
  return {
    moved: versions.filter((version) => !isOver(version)),
    forget: versions.filter(isOver).map(({ collection, id }) => [collection, id] as const),
    removePages: [no],
  }
}
