import type { Located } from '../storage/located.ts'

/**
 * Keeps what waits for one document in the order in which it came. Nobody passes while someone
 * waits, also where the document has come into memory meanwhile.
 */
export class Gates {
  readonly #last = new Map<string, Promise<void>>()

  /** True if nobody waits for anything. */
  get isOpen(): boolean {
    return this.#last.size === 0
  }

  has(located: Located): boolean {
    return !this.isOpen && this.#last.has(keyOf(located))
  }

  /** Runs `enter` after everyone who came before. Whoever awaits the result goes on before the gate is open again. */
  pass(located: Located, enter: () => Promise<void>): Promise<void> {
    const key = keyOf(located)
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

const keyOf = ({ collection, id }: Located) => `${collection}/${id}`
