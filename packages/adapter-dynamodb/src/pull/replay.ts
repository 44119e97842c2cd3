import type { Head } from '../head.ts'
import { type LogItem, MAX_DOCUMENTS } from '../log-item.ts'
import type { Space } from '../space.ts'
import { type LogPage, readLog } from './log.ts'

/** Of the documents in the log, one in so many may be read one by one; beyond it a scan is cheaper. */
const ONE_BY_REFERENCE_IN = 8

/**
 * The first page of a log that a bootstrap can replay instead of scanning the documents: it begins
 * with number 1, so that with no gap after it is all that was ever pushed, and none of it is of an earlier
 * epoch, whose documents may have been put back since. Null: scan.
 */
export async function findWholeLog(
  space: Space,
  { head, collections, limit }: { head: Head; collections: readonly string[]; limit: number },
  signal: AbortSignal,
): Promise<LogPage | null> {
  if (!space.rules.replay || !isWorthwhile(space, head, collections)) return null
  const page = await readLog(space, 1, { limit, consistent: space.consistentLog, signal })
  const [first] = page.items
  if (first === undefined) return null
  if (space.rules.replayWhole && first.number !== 1) return null
  if (space.rules.oneEpoch && first.epoch !== head.epoch) return null
  return isMostlyEmbedded(page.items, collections) ? page : null
}

/**
 * Up to `overlap` numbers a scan would be followed by the whole log anyway. Beyond that the log is
 * read if it has at most two entries for each document asked for, even if all its transactions were
 * full: an entry is smaller than its document item and is read faster.
 */
function isWorthwhile(
  { rules }: Space,
  { number, documents }: Head,
  collections: readonly string[],
): boolean {
  const asked = collections.reduce((sum, collection) => sum + (documents.get(collection) ?? 0), 0)
  return number > 0 && number <= Math.max(rules.overlap, (2 * asked) / MAX_DOCUMENTS)
}

function isMostlyEmbedded(items: readonly LogItem[], collections: readonly string[]): boolean {
  const entries = items.flatMap((item) =>
    item.entries.filter((entry) => collections.includes(entry.collection)),
  )
  const references = entries.filter(({ value }) => value === undefined)
  return references.length * ONE_BY_REFERENCE_IN <= entries.length
}
