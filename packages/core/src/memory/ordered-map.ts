import type { StoreValue } from '../contracts/local-store.ts'

/** Keys in the order of their UTF-16 code units, which is the order of `<` on strings. */
export class OrderedMap {
  readonly #values = new Map<string, StoreValue>()
  readonly #keys: string[] = []

  get(key: string): StoreValue | undefined {
    return this.#values.get(key)
  }

  /** Sets or, with undefined, deletes; returns what was there before. */
  set(key: string, value: StoreValue | undefined): StoreValue | undefined {
    const before = this.#values.get(key)
    if (value === undefined) {
      if (before !== undefined) this.#keys.splice(this.#place(key), 1)
      this.#values.delete(key)
    } else {
      if (before === undefined) this.#keys.splice(this.#place(key), 0, key)
      this.#values.set(key, value)
    }
    return before
  }

  /** Keys with `from <= key < to`. */
  keysBetween(from: string, to: string): string[] {
    return from < to ? this.#keys.slice(this.#place(from), this.#place(to)) : []
  }

  /** Index of the first key that is not smaller. */
  #place(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#keys[middle] as string) < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
