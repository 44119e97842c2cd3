import type { PullPage, PullRequest } from '@holdfast/core'
import type { Space } from '../space.ts'
import { Bootstraps } from './bootstraps.ts'
import { Page } from './page.ts'
import { type Position, parsePosition } from './position.ts'

/** Bootstraps in one pull because of what the log showed; the second can only find a head that changes under it. */
const MOST_RESTARTS = 2
const MOST_LOG_ITEMS = 1_000

/** Reads the feed of one space. */
export class FeedReader {
  readonly #space: Space
  readonly #bootstraps = new Bootstraps()
  /** Changes in a log item, as met so far: how many items to ask for. */
  #changesPerItem = 1

  constructor(space: Space) {
    this.#space = space
  }

  async pull(request: PullRequest, remote: string): Promise<PullPage> {
    const foreign = request.origin !== null && request.origin.remote !== remote
    const reset = new Set<string>()
    const positions = new Map<string, Position | null>()
    for (const [collection, checkpoint] of Object.entries(request.checkpoints)) {
      const position = checkpoint === null || foreign ? null : parsePosition(checkpoint)
      if (position === null && checkpoint !== null) reset.add(collection)
      positions.set(collection, position)
    }
    for (let attempt = 0; ; attempt++) {
      const page = new Page(this.#space, request, {
        positions,
        reset,
        foreign,
        // What the log showed is why it begins again: then the documents themselves are read.
        mayReplay: attempt === 0,
        bootstraps: this.#bootstraps,
        items: this.#itemsFor(request.limit),
      })
      const restart = attempt < MOST_RESTARTS ? await page.fill() : await page.fillFromScans()
      this.#learn(page)
      if (!restart) return page.finish(remote)
      for (const [collection, position] of positions) {
        if (position === null) continue
        positions.set(collection, null)
        if (request.checkpoints[collection] !== null) reset.add(collection)
      }
    }
  }

  #itemsFor(changes: number): number {
    return Math.min(MOST_LOG_ITEMS, Math.ceil(changes / this.#changesPerItem) + 1)
  }

  #learn({ followed }: Page): void {
    if (followed !== null && followed.items > 0)
      this.#changesPerItem = Math.max(1, followed.changes / followed.items)
  }
}
