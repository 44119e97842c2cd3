/**
 * Virtual time: a queue of events, run one by one in the order of (time, urgency, sequence).
 *
 * Between two events, promise reactions settle. There is no way to ask JavaScript whether its
 * microtask queue is empty, and a real timer would bring real time back in, so `settle` awaits a
 * fixed number of promise turns: 200 after an event, 2000 before time is declared idle. A longer
 * chain of awaits is not lost, it goes on after the next event; and an endless chain cannot hang
 * the test. Code under test that awaits real I/O (a real IndexedDB, a socket) needs a `settle` of
 * its own that waits for it.
 */
export interface VirtualTime {
  /** Milliseconds of virtual time since the start. */
  elapsed(): number
  /** Events that wait for their time. */
  pending(): number
  /** Runs `run` at the current time plus `ms`; returns how to cancel. */
  schedule(ms: number, run: () => void, options?: { readonly whenIdle?: boolean }): () => void
  /** Runs everything that is due within `ms`, and leaves the clock exactly `ms` later. */
  advance(ms: number): Promise<void>
  /** Runs events until none is left. Throws when that takes more than `within` ms of virtual time. */
  runUntilIdle(options?: { readonly within?: number }): Promise<void>
  /** Runs events until `reached` returns true. Throws after `within` ms of virtual time, or when nothing is left to run. */
  advanceUntil(reached: () => boolean, options?: { readonly within?: number }): Promise<void>
  /** Lets promise reactions settle, without moving time. */
  settle(): Promise<void>
}

export interface VirtualTimeOptions {
  /**
   * Replaces the bounded promise turns, for code under test that awaits real I/O. When it resolves,
   * nothing more happens by itself: it is not called a second time before time is declared idle.
   */
  readonly settle?: () => Promise<void>
}

const TURNS_AFTER_EVENT = 200
const TURNS_BEFORE_IDLE = 2000
const HOUR = 3_600_000

interface Event {
  readonly at: number
  readonly rank: number
  readonly run: () => void
}

export function createVirtualTime(options: VirtualTimeOptions = {}): VirtualTime {
  const events: Event[] = []
  let elapsed = 0

  const { settle = () => turns(TURNS_AFTER_EVENT) } = options
  const settleForIdle = options.settle ?? (() => turns(TURNS_BEFORE_IDLE))
  const isBounded = options.settle === undefined

  function schedule(ms: number, run: () => void, { whenIdle = false } = {}): () => void {
    const event = { at: elapsed + Math.max(0, ms || 0), rank: whenIdle ? 1 : 0, run }
    events.splice(placeOf(events, event), 0, event)
    return () => {
      const index = events.indexOf(event)
      if (index >= 0) events.splice(index, 1)
    }
  }

  /** Runs the next event that is due by `end`; false if there is none. */
  async function step(end: number): Promise<boolean> {
    await settle()
    if (isBounded && (events[0]?.at ?? Number.POSITIVE_INFINITY) > end) await settleForIdle()
    const next = events[0]
    if (next === undefined || next.at > end) return false
    events.shift()
    elapsed = Math.max(elapsed, next.at)
    next.run()
    return true
  }

  return {
    elapsed: () => elapsed,
    pending: () => events.length,
    schedule,
    settle: settleForIdle,
    async advance(ms) {
      const end = elapsed + ms
      while (await step(end));
      elapsed = end
    },
    async runUntilIdle({ within = HOUR } = {}) {
      const end = elapsed + within
      while (await step(end));
      if (events.length > 0)
        throw new Error(`not idle after ${within} virtual ms: ${events.length} events wait`)
    },
    async advanceUntil(reached, { within = HOUR } = {}) {
      const end = elapsed + within
      await settle()
      while (!reached()) {
        if (!(await step(end)) && !reached()) {
          throw new Error(`not reached: ${events.length} events wait after ${within} virtual ms`)
        }
        await settle()
      }
    },
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined
}

/** Where `event` belongs: after every event that is as early and as urgent. */
function placeOf(events: readonly Event[], event: Event): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = events[middle]
    if (other && (other.at - event.at || other.rank - event.rank) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
