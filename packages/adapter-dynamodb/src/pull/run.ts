import { protocolError } from '../failures.ts'
import { type Head, openHead } from '../head.ts'
import { type LogItem, markOf } from '../log-item.ts'
import { pause } from '../runtime.ts'
import type { Space } from '../space.ts'
import { findMissing, type LogPage, readLog } from './log.ts'
import type { Following } from './position.ts'

/** Waits for a number that is missing, ms: a transaction is seldom half visible for longer. */
const HOLE_WAITS_MS = [0, 5, 10, 20, 40]

/** Consecutive log items after a position. */
export interface Run {
  readonly items: readonly LogItem[]
  /** The log is known up to this number, also where items are gone that a scan made up for. */
  readonly reached: number
  /** Epoch of the history that the run belongs to. */
  readonly epoch: string
  /** There is more to read now. */
  readonly more: boolean
  /** It ended before a number that is not visible yet. */
  readonly pending: boolean
}

/**
 * `rewritten`: the log is not the one that the position was taken from, or a log item that was
 * never seen here is gone. Only a bootstrap gets over either.
 */
export type RunResult = Run | 'rewritten'

export async function readRun(
  space: Space,
  from: Following,
  { head: knownHead, epoch: expected, madeUpTo, until, firstPage, limit, signal }: RunOptions,
): Promise<RunResult> {
  const first = from.mark === '' ? from.number + 1 : from.number
  const consistent = space.consistentLog
  const page = firstPage ?? (await readLog(space, first, { limit, consistent, signal }))
  const anchor = from.mark === '' ? undefined : page.items[0]
  const anchored = anchor?.number === from.number
  if (anchored && markOf(anchor) !== from.mark) return 'rewritten'

  let rest = anchored ? page.items.slice(1) : page.items
  let more = page.more
  let epoch = anchored && from.scannedTo === 0 ? anchor.epoch : expected
  let head = knownHead
  if (epoch === null || !anchored) {
    head ??= await openHead(space, signal)
    if (head.number < from.number) return 'rewritten'
    epoch = head.epoch
  }

  const items: LogItem[] = []
  let reached = from.number
  for (;;) {
    const next = rest[0]
    if (next !== undefined && (next.number === reached + 1 || !space.rules.contiguous)) {
      if (space.rules.oneEpoch && next.number > madeUpTo && next.epoch !== epoch) return 'rewritten'
      items.push(next)
      reached = next.number
      rest = rest.slice(1)
      continue
    }
    // Numbers up to one that is visible, or that the head tells of, were given to transactions.
    const last = next !== undefined ? next.number - 1 : more ? reached : Math.max(head?.number ?? 0, until)
    if (last <= reached) return { items, reached, epoch, more, pending: false }
    const filled = await fillHole(space, { from: reached + 1, to: last, limit, signal })
    if (filled === 'above the head') {
      if (reached < until) return 'rewritten'
      throw protocolError('The log of the space is ahead of its head. Someone wrote around the push.', {
        number: reached + 1,
      })
    }
    if (filled === 'pending') return { items, reached, epoch, more: false, pending: true }
    if ('items' in filled) {
      rest = filled.items
      more = filled.more
    } else if (filled.gone > madeUpTo) return 'rewritten'
    else reached = filled.gone
  }
}

export interface RunOptions {
  /** The head, where it was just read. */
  readonly head: Head | null
  /** The epoch that the position is valid for, where it is known. */
  readonly epoch: string | null
  /** Whatever is gone up to this number is no loss to any collection that follows. */
  readonly madeUpTo: number
  /** A bootstrap began when the log had so many items: none of them is left for another pull unsaid. */
  readonly until: number
  /** The log after the position, where it was just read. */
  readonly firstPage: LogPage | null
  /** Most log items. */
  readonly limit: number
  readonly signal: AbortSignal
}

type Filled = LogPage | { readonly gone: number } | 'pending' | 'above the head'

/** The log from the missing number on, or that this number is gone for good, or not decided yet. */
async function fillHole(
  space: Space,
  { from, to, limit, signal }: { from: number; to: number; limit: number; signal: AbortSignal },
): Promise<Filled> {
  for (const ms of HOLE_WAITS_MS) {
    await pause(space.runtime, ms, signal)
    const page = await readLog(space, from, { limit, consistent: true, signal })
    if (page.items[0]?.number === from) return page
  }
  const found = await findMissing(space, { from, to }, signal)
  if (found.pending) return 'pending'
  if (found.head < from) return 'above the head'
  const [first] = found.items
  if (first?.number === from) return { items: found.items, more: true }
  return { gone: first === undefined ? found.searchedTo : first.number - 1 }
}
