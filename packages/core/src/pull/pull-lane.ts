import type { Checkpoint, PullPage, PullRequest } from '../contracts/remote-store.ts'
import type { Manifest } from '../storage/manifest.ts'

/** Everything of a pull request but its signal. */
export type PullAsk = Omit<PullRequest, 'signal'>

/** No replica has this id, so no revision counts as its own. */
const NO_REPLICA = '0000000000000000'

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
      ask = nextAsk(ask, page)
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
    const entries = collections.map((collection) => [collection, from(collection)] as const)
    const startsOver = entries.some(([, checkpoint]) => checkpoint === null)
    return {
      checkpoints: Object.fromEntries(entries),
      origin,
      limit,
      replica: startsOver ? NO_REPLICA : replica,
    }
  }
}

/** Who reads from the beginning wants every value, on every page, those of its own revisions too. */
function nextAsk(ask: PullAsk, page: PullPage): PullAsk {
  const startsOver =
    (page.reset?.length ?? 0) > 0 || (ask.origin !== null && ask.origin.epoch !== page.origin.epoch)
  return {
    ...ask,
    checkpoints: { ...ask.checkpoints, ...page.checkpoints },
    origin: page.origin,
    replica: startsOver ? NO_REPLICA : ask.replica,
  }
}
