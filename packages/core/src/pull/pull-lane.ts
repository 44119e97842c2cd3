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
  /** Called before the first page of each walk is asked for. */
  readonly onWalk: () => void
  readonly fetchPage: (ask: PullAsk, signal: AbortSignal) => Promise<PullPage>
  /** Resolves when a page that was asked for just now is under way. */
  readonly departed: () => Promise<void>
  /** Merges and applies a page durably. `fromStart`: what this walk reads from the beginning of the feed. */
  readonly accept: (page: PullPage, fromStart: ReadonlySet<string>) => Promise<void>
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
    if (this.#parts.collections.length === 0) return
    await this.#walk(signal)
    // What turned out on the way to need reading from the beginning is read so now.
    if (this.#parts.manifest().reconciling.length > 0) await this.#walk(signal)
  }

  async #walk(signal: AbortSignal): Promise<void> {
    const { fetchPage, departed, accept } = this.#parts
    this.#parts.onWalk()
    let ask = this.#firstAsk()
    let fromStart = new Set(Object.keys(ask.checkpoints).filter((name) => ask.checkpoints[name] === null))
    let arriving = fetchPage(ask, signal)
    for (;;) {
      const page = askedFor(ask, await arriving)
      signal.throwIfAborted()
      const startedOver = startedOverIn(ask, page)
      fromStart = new Set([...fromStart, ...startedOver])
      ask = {
        ...ask,
        checkpoints: { ...ask.checkpoints, ...page.checkpoints },
        origin: page.origin,
        replica: startedOver.length > 0 ? NO_REPLICA : ask.replica,
      }
      if (!page.hasMore) return accept(page, fromStart)
      arriving = fetchPage(ask, signal)
      arriving.catch(() => undefined)
      await departed()
      await accept(page, fromStart)
    }
  }

  /** Who reads from the beginning wants every value, on every page, those of its own revisions too. */
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

/**
 * What the remote answered for collections that it was asked for. Of others, such as those that
 * stay on this device, it must neither tell documents nor a place in the feed nor that they start over.
 */
function askedFor({ checkpoints }: PullAsk, page: PullPage): PullPage {
  const asked = new Set(Object.keys(checkpoints))
  const isAsked = (collection: string) => asked.has(collection)
  return {
    ...page,
    changes: page.changes.filter(({ collection }) => isAsked(collection)),
    checkpoints: Object.fromEntries(Object.entries(page.checkpoints).filter(([name]) => isAsked(name))),
    reset: page.reset?.filter(isAsked) ?? [],
  }
}

/** Collections for which the remote ignored the checkpoint that it was given. */
function startedOverIn({ origin, checkpoints }: PullAsk, page: PullPage): readonly string[] {
  const isSame =
    origin === null || (origin.epoch === page.origin.epoch && origin.remote === page.origin.remote)
  return isSame ? (page.reset ?? []) : Object.keys(checkpoints)
}
