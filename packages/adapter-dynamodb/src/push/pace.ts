import { MAX_DOCUMENTS } from '../log-item.ts'
import { type DynamoDbRuntime, pause } from '../runtime.ts'

const FIRST_GUESS_MS = 20
const LONGEST_WAIT = 16
/** Wins in a row, until others are let go first: once somebody was met, at the beginning, and at most. */
const FEWEST_WINS = 8
const FIRST_WINS = 16
const MOST_WINS = 32
/** Wins after which somebody who was met is taken as gone. */
const CALM = 64
const GROWTH = 10

/**
 * When the next transaction may start, and how large. Writers of one space collide on its head:
 * the loser waits a random part of the measured transaction time, doubled each time, and halves
 * its transactions when it loses again; the winner lets others go first for one transaction time. It
 * does so now and then even if it met nobody, since who only loses shows to nobody, but ever more seldom.
 */
export class Pace {
  readonly #runtime: DynamoDbRuntime
  #documents = MAX_DOCUMENTS
  #transactionMs = FIRST_GUESS_MS
  #losses = 0
  #stale = 0
  #wins = 0
  #mostWins = FIRST_WINS
  #winsSinceMet = CALM
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
    this.#winsSinceMet += 1
    if (this.#losses > 0 || this.#wins >= this.#mostWins) {
      if (this.#winsSinceMet > CALM) this.#mostWins = Math.min(MOST_WINS, this.#mostWins * 2)
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
    this.#met()
    this.#losses += 1
    if (this.#losses > 1) this.#documents = Math.max(1, this.#documents >> 1)
    const span = this.#transactionMs * Math.min(LONGEST_WAIT, 2 ** (this.#losses - 1))
    this.#notBefore = this.#runtime.monotonic() + this.#runtime.randomUnit() * span
  }

  /** The head had moved on. Once is news, not contention: the retry with the right number goes at once. */
  stale(): void {
    this.#stale += 1
    this.#met()
    if (this.#stale > 1) this.lost()
  }

  #met(): void {
    this.#mostWins = FEWEST_WINS
    this.#winsSinceMet = 0
  }
}
