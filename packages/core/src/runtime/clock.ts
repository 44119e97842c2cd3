import type { Hlc } from '../model/document.ts'
import { formatHlc, ofReplica, replicaOf, successorOf, wallOf } from '../model/hlc.ts'

/** A timestamp further ahead of the wall clock than this, in ms, does not drag the clock along. */
export const MAX_DRIFT = 5 * 60_000

/**
 * The replica's hybrid logical clock. Strictly monotone, also over restarts, as long as it is
 * shown (`observe`) every timestamp that was stored. A remote timestamp far ahead is reported and
 * otherwise ignored, but for the documents that carry it: `tick(after)` is always above `after`.
 */
export class Clock {
  readonly #now: () => number
  readonly #onDrift: (ahead: number) => void
  #replica: string
  #last: Hlc

  constructor(options: { now: () => number; replica: string; onDrift: (aheadMs: number) => void }) {
    this.#now = options.now
    this.#onDrift = options.onDrift
    this.#replica = options.replica
    this.#last = formatHlc({ wall: 0, counter: 0, replica: options.replica })
  }

  get replica(): string {
    return this.#replica
  }

  /** The latest reading. */
  get last(): Hlc {
    return this.#last
  }

  /** Stamps as `replica` from now on. */
  become(replica: string): void {
    this.#replica = replica
    this.#last = ofReplica(this.#last, replica)
  }

  /** A new timestamp, greater than every earlier one and than `after`. */
  tick(after: Hlc = ''): Hlc {
    const fromWall = formatHlc({
      wall: Math.max(0, Math.floor(this.#now())),
      counter: 0,
      replica: this.#replica,
    })
    const next = fromWall > this.#last ? fromWall : successorOf(this.#last, this.#replica)
    this.#last = next
    return next > after ? next : successorOf(after, this.#replica)
  }

  /** Keeps the clock ahead of `hlc`, unless another replica made it and it is far ahead. */
  observe(hlc: Hlc): void {
    if (hlc <= this.#last) return
    const ahead = wallOf(hlc) - this.#now()
    if (ahead > MAX_DRIFT && replicaOf(hlc) !== this.#replica) this.#onDrift(ahead)
    else this.#last = ofReplica(hlc, this.#replica)
  }
}

/** A mutation's id: sorts like its timestamp, and is unique for ever by 64 random bits. */
export function mutationId(hlc: Hlc, randomHex: (digits: number) => string): string {
  return `${hlc.slice(0, 18)}${randomHex(16)}`
}
