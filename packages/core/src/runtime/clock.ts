import type { Hlc } from '../model/document.ts'
import {
  formatHlc,
  MAX_COUNTER,
  ofReplica,
  parseHlc,
  replicaOf,
  StampText,
  successorOf,
  wallOf,
  wallText,
} from '../model/hlc.ts'

/** A timestamp further ahead of the wall clock than this, in ms, does not drag the clock along. */
export const MAX_DRIFT = 5 * 60_000

/**
 * The replica's hybrid logical clock. Strictly monotone, also over restarts, as long as it is
 * shown (`observe`) every timestamp that was stored. A remote timestamp far ahead is reported and
 * otherwise ignored, until this replica writes a document that carries it: `tick(after)` is always
 * above `after`, and the clock goes on from there.
 */
export class Clock {
  readonly #now: () => number
  readonly #onDrift: (ahead: number) => void
  #replica: string
  #texts: StampText
  /** The latest timestamp made or observed, whoever made it. */
  #latest: Hlc
  // What `#latest` holds, taken apart when a timestamp is made, and not for each that is observed.
  #parts = { of: '', wall: 0, counter: 0 }
  /** The first wall time that is too far ahead, at a reading of the wall clock. */
  #limit = { at: Number.NaN, text: '' }

  constructor(options: { now: () => number; replica: string; onDrift: (aheadMs: number) => void }) {
    this.#now = options.now
    this.#onDrift = options.onDrift
    this.#replica = options.replica
    this.#texts = new StampText(options.replica)
    this.#latest = formatHlc({ wall: 0, counter: 0, replica: options.replica })
  }

  get replica(): string {
    return this.#replica
  }

  /** The latest reading. */
  get last(): Hlc {
    return ofReplica(this.#latest, this.#replica)
  }

  /** Stamps as `replica` from now on. */
  become(replica: string): void {
    this.#replica = replica
    this.#texts = new StampText(replica)
  }

  /** The latest reading, taken apart. Good until the next one. */
  get moment(): { readonly wall: number; readonly counter: number } {
    return this.#takeApart()
  }

  #takeApart() {
    const parts = this.#parts
    if (parts.of !== this.#latest) Object.assign(parts, parseHlc(this.#latest), { of: this.#latest })
    return parts
  }

  /** A new timestamp, greater than every earlier one and than `after`. */
  tick(after: Hlc = ''): Hlc {
    const parts = this.#takeApart()
    const now = Math.floor(this.#now())
    if (now > parts.wall || parts.counter === MAX_COUNTER) {
      parts.wall = Math.max(now, parts.wall + 1)
      parts.counter = 0
    } else parts.counter++
    const next = this.#texts.at(parts)
    const isLater = after === '' || next > after
    if (isLater) parts.of = next
    this.#latest = isLater ? next : successorOf(after, this.#replica)
    return this.#latest
  }

  /** Keeps the clock ahead of `hlc`, unless another replica made it and it is far ahead. */
  observe(hlc: Hlc): void {
    if (hlc <= this.#latest) return
    const now = this.#now()
    if (now !== this.#limit.at) this.#limit = { at: now, text: wallText(Math.floor(now + MAX_DRIFT) + 1) }
    if (hlc >= this.#limit.text && replicaOf(hlc) !== this.#replica) this.#onDrift(wallOf(hlc) - now)
    else this.#latest = hlc
  }
}

/**
 * A mutation's id: sorts like its timestamp. Unique for ever by 64 random bits, which only mutations
 * that one replica stamps together share: no two of those have the same timestamp.
 */
export function mutationId(hlc: Hlc, random: string): string {
  return hlc.slice(0, 18) + random
}

export function randomPart(randomHex: (digits: number) => string): string {
  return randomHex(16)
}
