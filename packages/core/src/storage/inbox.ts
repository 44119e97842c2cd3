import type { Release } from './located.ts'
import type { ReadMessage } from './tab-messages.ts'

export interface InboxParts {
  /** Keeps the documents in memory that a message may change. */
  readonly hold: (message: ReadMessage) => Release | Promise<Release>
  readonly take: (message: ReadMessage) => void
  /** True while the database is being read: messages wait. */
  readonly isBusy: () => boolean
  /** A message could not be taken: what it said has to be read from the database. */
  readonly onError: (error: unknown) => void
}

/**
 * What other tabs did, and what this one appended: taken over one after the other, in the order in
 * which it came, each when the documents that it changes are in memory.
 */
export class Inbox {
  readonly #parts: InboxParts
  readonly #waiting: (() => ReadMessage)[] = []
  #isHolding = false

  constructor(parts: InboxParts) {
    this.#parts = parts
  }

  /** True if what is delivered now is taken at once. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && !this.#isHolding && !this.#parts.isBusy()
  }

  /** `read` is called when its turn comes. */
  deliver(read: () => ReadMessage): void {
    this.#waiting.push(read)
    this.takeWaiting()
  }

  /** Call it when the database is not busy any more. */
  takeWaiting(): void {
    const { hold, isBusy, onError } = this.#parts
    while (!this.#isHolding && !isBusy()) {
      const read = this.#waiting.shift()
      if (read === undefined) return
      try {
        const message = read()
        const holding = hold(message)
        if (holding instanceof Promise) this.#takeLater(message, holding)
        else this.#take(message, holding)
      } catch (error) {
        onError(error)
      }
    }
  }

  #takeLater(message: ReadMessage, holding: Promise<Release>): void {
    this.#isHolding = true
    holding
      .then((release) => this.#take(message, release))
      .catch(this.#parts.onError)
      .finally(() => {
        this.#isHolding = false
        this.takeWaiting()
      })
  }

  #take(message: ReadMessage, release: Release): void {
    try {
      this.#parts.take(message)
    } finally {
      release()
    }
  }
}
