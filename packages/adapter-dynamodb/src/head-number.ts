import type { DynamoDbRuntime } from './runtime.ts'

/** How long a number that a pull saw is good enough to push on. */
const TRUST_PULL_MS = 2_000

export interface HeadGuess {
  readonly number: number
  readonly epoch: string
}

/**
 * The head's number as last seen here. A wrong guess costs a failed transaction, a read costs a
 * hundredth of it: so only what the own last push made, or a pull saw just now, is used unread.
 */
export class HeadNumber {
  readonly #runtime: DynamoDbRuntime
  #seen: (HeadGuess & { readonly until: number }) | null = null

  constructor(runtime: DynamoDbRuntime) {
    this.#runtime = runtime
  }

  guess(): HeadGuess | null {
    return this.#seen !== null && this.#runtime.monotonic() <= this.#seen.until ? this.#seen : null
  }

  /** Our own transaction advanced the head to it, or DynamoDB just returned it. */
  know(head: HeadGuess): void {
    this.#seen = { number: head.number, epoch: head.epoch, until: Number.POSITIVE_INFINITY }
  }

  /** A pull followed the log up to it. */
  notice(head: HeadGuess): void {
    if (this.#seen !== null && this.#seen.epoch === head.epoch && this.#seen.number >= head.number) return
    this.#seen = { number: head.number, epoch: head.epoch, until: this.#runtime.monotonic() + TRUST_PULL_MS }
  }

  forget(): void {
    this.#seen = null
  }
}
