/** Runs one thing at a time; who asks while it runs gets the run after it, which all of them share. */
export class SingleFlight {
  readonly #run: () => Promise<void>
  #current: Promise<void> | null = null
  #next: Promise<void> | null = null

  constructor(run: () => Promise<void>) {
    this.#run = run
  }

  get isRunning(): boolean {
    return this.#current !== null
  }

  /** Settles as a run does that began no earlier than this call. */
  trigger(): Promise<void> {
    if (this.#current === null) return this.#start()
    this.#next ??= this.#current
      .catch(() => undefined)
      .then(() => {
        this.#next = null
        return this.#start()
      })
    return this.#next
  }

  #start(): Promise<void> {
    const run = this.#run().finally(() => {
      if (this.#current === run) this.#current = null
    })
    this.#current = run
    return run
  }
}
