/**
 * Keeps what waits for one document in the order in which it came. Nobody passes while someone
 * waits, also where the document has come into memory meanwhile.
 */
export class Gates {
  readonly #last = new Map<string, Promise<void>>()

  has(key: string): boolean {
    return this.#last.has(key)
  }

  /** Runs `enter` after everyone who came before. Whoever awaits the result goes on before the gate is open again. */
  pass(key: string, enter: () => Promise<void>): Promise<void> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const passing = before.catch(() => undefined).then(enter)
    this.#last.set(key, passing)
    const leave = () => {
      if (this.#last.get(key) === passing) this.#last.delete(key)
    }
    // One turn more than the caller's own continuation takes.
    passing.catch(() => undefined).then(leave)
    return passing
  }
}
