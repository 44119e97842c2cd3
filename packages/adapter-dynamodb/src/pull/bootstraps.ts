/** Bootstraps at once whose scans are remembered; of an older one some versions come twice. */
const MOST = 16

/**
 * What scans delivered of the documents that the log is about to tell again: by sort key, the
 * number of the transaction that wrote them. Whatever the log says of that or an earlier
 * transaction is old news, and told last it would pass for the latest. Kept by the name that a
 * bootstrap has in its checkpoints, since only who has them was given those documents.
 */
export class Bootstraps {
  readonly #numbers = new Map<string, Map<string, number>>()

  delivered(bootstrap: string, key: string, number: number): void {
    const known = this.#numbers.get(bootstrap)
    if (known !== undefined) known.set(key, number)
    else {
      this.#numbers.set(bootstrap, new Map([[key, number]]))
      const [oldest] = this.#numbers.keys()
      if (this.#numbers.size > MOST && oldest !== undefined) this.#numbers.delete(oldest)
    }
  }

  /** True if the scan delivered what transaction `number` wrote, or something later. */
  covers(bootstrap: string, key: string, number: number): boolean {
    return (this.#numbers.get(bootstrap)?.get(key) ?? -1) >= number
  }

  end(bootstrap: string): void {
    this.#numbers.delete(bootstrap)
  }
}
