import { type DynamoDbRuntime, pause } from '../runtime.ts'
import { MAX_DOCUMENTS } from './unit.ts'

const FIRST_GUESS_MS = 20
const LONGEST_WAIT = 16
const WINS_IN_A_ROW = 8
const GROWTH = 10

/**
 * When the next transaction may start, and how large. Writers of one space collide on its head:
 * the loser waits a random part of the measured transaction time, doubled each time, and halves
 * its transactions when it loses again; the winner lets others go first for one transaction time.
 */
export class Pace {
  readonly #runtime: DynamoDbRuntime
  #documents = MAX_DOCUMENTS
  #transactionMs = FIRST_GUESS_MS
  #losses = 0
  #stale = 0
  #wins = 0
  #notBefore = 0

  constructor(runtime: DynamoDbRuntime) {
    this.#runtime = runtime
  }

  /** Most documents in the next transaction. */
  get documents(): number {
    return this.#documents
  }

  get transactionMs(): number {
    return this.#transactionMs
  }

  ready(signal: AbortSignal): Promise<void> {
    return pause(this.#runtime, this.#notBefore - this.#runtime.monotonic(), signal)
  }

  won(ms: number): void {
    this.#transactionMs += (ms - this.#transactionMs) / 4
    this.#wins += 1
    if (this.#losses > 0 || this.#wins >= WINS_IN_A_ROW) {
      this.#wins = 0
      this.#notBefore = this.#runtime.monotonic() + this.#transactionMs
    }
    this.#losses = 0
    this.#stale = 0
    this.#documents = Math.min(MAX_DOCUMENTS, this.#documents + GROWTH)
  }

  /** Another transaction was at work on the same items. */
  lost(): void {
    this.#wins = 0
    this.#losses += 1
    if (this.#losses > 1) this.#documents = Math.max(1, this.#documents >> 1)
    const span = this.#transactionMs * Math.min(LONGEST_WAIT, 2 ** (this.#losses - 1))
    this.#notBefore = this.#runtime.monotonic() + this.#runtime.randomUnit() * span
  }

  /** The head had moved on. Once is news, not contention: the retry with the right number goes at once. */
  stale(): void {
    this.#stale += 1
    if (this.#stale > 1) this.lost()
  }
}
