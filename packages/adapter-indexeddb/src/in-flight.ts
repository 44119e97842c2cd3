/**
 * Calls that wait for the browser. One that cuts a connection does not always answer a transaction
 * that was committing (seen in Chromium 156): without an end from here such a call would wait for ever.
 */
export class InFlight {
  readonly #interrupts = new Map<Promise<unknown>, (reason: unknown) => void>()

  track<T>(work: PromiseLike<T>): Promise<T> {
    let interrupt: (reason: unknown) => void = () => undefined
    const outcome = new Promise<T>((resolve, reject) => {
      interrupt = reject
      work.then(resolve, reject)
    })
    this.#interrupts.set(outcome, interrupt)
    const forget = () => this.#interrupts.delete(outcome)
    outcome.then(forget, forget)
    return outcome
  }

  /** Ends all of them with `reason`; what the browser still says of them is not heard. */
  interrupt(reason: unknown): void {
    for (const each of [...this.#interrupts.values()]) each(reason)
  }

  /** Resolves when those that are under way now are over, however they end. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#interrupts.keys())
  }
}
