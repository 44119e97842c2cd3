import type { Located } from './located.ts'

/** How many hold each document, whether there is one or not. */
export class Holders {
  readonly #counts = new Map<string, Map<string, number>>()

  add({ collection, id }: Located): void {
    const counts = this.#counts.get(collection) ?? new Map<string, number>()
    if (counts.size === 0) this.#counts.set(collection, counts)
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }

  /** True if it was the last one. */
  remove({ collection, id }: Located): boolean {
    const counts = this.#counts.get(collection)
    const left = (counts?.get(id) ?? 0) - 1
    if (left > 0) counts?.set(id, left)
    else counts?.delete(id)
    return left <= 0
  }

  has({ collection, id }: Located): boolean {
    return this.#counts.get(collection)?.has(id) === true
  }

  clear(): void {
    this.#counts.clear()
  }
}
