import type { Checkpoint, PullPage, PullRequest } from '../contracts/remote-store.ts'
import type { Manifest } from '../storage/manifest.ts'

/** Everything of a pull request but its signal. */
export type PullAsk = Omit<PullRequest, 'signal'>

export interface PullParts {
  readonly manifest: () => Manifest
  readonly collections: readonly string[]
  readonly limit: number
  readonly fetchPage: (ask: PullAsk, signal: AbortSignal) => Promise<PullPage>
  /** Merges and applies a page durably. */
  readonly accept: (page: PullPage) => Promise<void>
}

/**
 * Follows the change feed to its end. While one page is applied the next one is fetched, from the
 * checkpoints that the page names; its application waits for its turn, so checkpoints on disk
 * never run ahead of documents.
 */
export class PullLane {
  readonly #parts: PullParts

  constructor(parts: PullParts) {
    this.#parts = parts
  }

  /** Resolves at the end of the feed. Rejects with the failure that stopped it; what was applied stays so. */
  async run(signal: AbortSignal): Promise<void> {
    const { fetchPage, accept, collections } = this.#parts
    if (collections.length === 0) return
    let ask = this.#firstAsk()
    let arriving = fetchPage(ask, signal)
    for (;;) {
      const page = await arriving
      signal.throwIfAborted()
      ask = { ...ask, checkpoints: { ...ask.checkpoints, ...page.checkpoints }, origin: page.origin }
      if (!page.hasMore) return accept(page)
      arriving = fetchPage(ask, signal)
      arriving.catch(() => undefined)
      await accept(page)
    }
  }

  #firstAsk(): PullAsk {
    const { manifest, collections, limit } = this.#parts
    const { checkpoints, origin, replica, reconciling } = manifest()
    const from = (collection: string): Checkpoint | null =>
      reconciling.includes(collection) ? null : (checkpoints[collection] ?? null)
    return {
      checkpoints: Object.fromEntries(collections.map((collection) => [collection, from(collection)])),
      origin,
      limit,
      replica,
    }
  }
}
