import type { Digest } from '../head.ts'
import { versionHash } from '../version-hash.ts'

/** What the pages of one scan held, one after the other. */
interface Tally {
  readonly expected: Digest
  /** Where the next page begins; null: pages were missed or came twice. */
  after: string | null
  count: number
  sum: bigint
}

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
  readonly #tallies = new Map<string, Tally>()

  /** `expected`: what the head that it noted tells of the collection. */
  begin(bootstrap: string, expected: Digest): void {
    this.#tallies.set(bootstrap, { expected, after: '', count: 0, sum: 0n })
    prune(this.#tallies)
  }

  /** A page of the scan, from the key `after` on to the key `next`. */
  scanned(
    bootstrap: string,
    versions: readonly { id: string; rev: string }[],
    page: { after: string; next: string },
  ): void {
    const tally = this.#tallies.get(bootstrap)
    if (tally === undefined) return
    tally.after = tally.after === page.after ? page.next : null
    if (tally.after === null) return
    tally.count += versions.length
    for (const { id, rev } of versions) tally.sum = BigInt.asUintN(64, tally.sum + versionHash(id, rev))
  }

  /**
   * True if the scan, which is at its end, held exactly the versions that the head counted: then it
   * met no transaction half done, and none that came later.
   */
  isExact(bootstrap: string): boolean {
    const tally = this.#tallies.get(bootstrap)
    if (tally === undefined || tally.after === null) return false
    return tally.count === tally.expected.count && tally.sum === tally.expected.sum
  }

  delivered(bootstrap: string, key: string, number: number): void {
    const known = this.#numbers.get(bootstrap)
    if (known !== undefined) known.set(key, number)
    else {
      this.#numbers.set(bootstrap, new Map([[key, number]]))
      prune(this.#numbers)
    }
  }

  /** True if the scan delivered what transaction `number` wrote, or something later. */
  covers(bootstrap: string, key: string, number: number): boolean {
    return (this.#numbers.get(bootstrap)?.get(key) ?? -1) >= number
  }

  end(bootstrap: string): void {
    this.#numbers.delete(bootstrap)
    this.#tallies.delete(bootstrap)
  }
}

function prune(byBootstrap: Map<string, unknown>): void {
  const [oldest] = byBootstrap.keys()
  if (byBootstrap.size > MOST && oldest !== undefined) byBootstrap.delete(oldest)
}
