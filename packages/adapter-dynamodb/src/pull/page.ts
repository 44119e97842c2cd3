import type { Origin, PullPage, PullRequest, RemoteChange } from '@holdfast/core'
import { type Head, openHead } from '../head.ts'
import { markOf } from '../log-item.ts'
import type { Space } from '../space.ts'
import type { Bootstraps } from './bootstraps.ts'
import { type Followed, follow } from './follow.ts'
import type { LogPage } from './log.ts'
import { type Following, formatPosition, type Position } from './position.ts'
import { findWholeLog } from './replay.ts'
import { type Run, readRun } from './run.ts'
import { scan } from './scan.ts'

/** One answer in the making. */
export class Page {
  followed: { items: number; changes: number } | null = null
  readonly #space: Space
  readonly #request: PullRequest
  readonly #state: PageState
  readonly #changes: RemoteChange[] = []
  readonly #started: number
  #head: Head | null = null
  #firstPage: LogPage | null = null
  #epoch: string | null
  #more = false
  #pending = false

  constructor(space: Space, request: PullRequest, state: PageState) {
    this.#space = space
    this.#request = request
    this.#state = state
    const isBound = [...state.positions.values()].some((position) => position !== null)
    this.#epoch = request.origin === null || state.foreign || !isBound ? null : request.origin.epoch
    this.#started = space.runtime.monotonic()
  }

  /** True if every collection has to begin again. */
  async fill(): Promise<boolean> {
    if (await this.fillFromScans()) return true
    const following = new Map<string, Following>()
    for (const [collection, position] of this.#state.positions) {
      if (position?.kind === 'following') following.set(collection, position)
    }
    if (following.size === 0) return false
    if (this.#room > 0) return this.#follow(following)
    this.#more = true
    return false
  }

  async fillFromScans(): Promise<boolean> {
    const { positions } = this.#state
    const isScanning = (position: Position | null) => position === null || position.kind === 'scanning'
    // With no collection at all the head still tells the epoch.
    if (positions.size > 0 && ![...positions.values()].some(isScanning)) return false
    const head = await openHead(this.#space, this.#request.signal)
    this.#head = head
    if (this.#epoch !== null && this.#epoch !== head.epoch) return true
    this.#epoch = head.epoch
    const beginning = await this.#begin(head)
    for (const [collection, before] of positions) {
      const position = before ?? beginning()
      positions.set(collection, position)
      if (position.kind !== 'scanning') continue
      if (this.#room > 0) {
        const scanned = await scan(
          this.#space,
          { collection, position, limit: this.#room, bootstraps: this.#state.bootstraps },
          this.#request.signal,
        )
        this.#changes.push(...scanned.changes)
        positions.set(collection, scanned.position)
      }
      if (positions.get(collection)?.kind === 'scanning') this.#more = true
    }
    return false
  }

  /** Where collections begin that have no position. */
  async #begin(head: Head): Promise<() => Position> {
    const { positions, items: limit, mayReplay } = this.#state
    const collections = [...positions.keys()].filter((collection) => positions.get(collection) === null)
    const whole =
      mayReplay && collections.length > 0
        ? await findWholeLog(this.#space, { head, collections, limit }, this.#request.signal)
        : null
    this.#firstPage = whole
    if (whole === null) return () => scanningFrom(head, this.#space.runtime.randomHex(16))
    return () => ({ ...UNREAD, number: (whole.items[0]?.number ?? 1) - 1, replayTo: head.number })
  }

  async #follow(following: ReadonlyMap<string, Following>): Promise<boolean> {
    const { signal, replica, checkpoints } = this.#request
    const all = [...following.values()]
    const from = all.reduce((low, each) => (each.number < low.number ? each : low), all[0] ?? UNREAD)
    const run = await readRun(this.#space, from, {
      head: this.#head,
      epoch: this.#epoch,
      madeUpTo: Math.min(...all.map(({ number, scannedTo }) => Math.max(number, scannedTo))),
      until: Math.max(...all.map(({ scannedTo, replayTo }) => Math.max(scannedTo, replayTo))),
      firstPage: this.#firstPage,
      limit: this.#state.items,
      signal,
    })
    if (run === 'rewritten' || (this.#epoch !== null && run.epoch !== this.#epoch)) return true
    this.#epoch = run.epoch
    const followed = await follow(this.#space, run.items, {
      following,
      replica,
      mayOmit: (collection) => checkpoints[collection] !== null && !this.#state.reset.has(collection),
      bootstraps: this.#state.bootstraps,
      epoch: run.epoch,
      limit: this.#room,
      signal,
    })
    this.#changes.push(...followed.changes)
    this.followed = { items: run.items.length, changes: followed.changes.length }
    this.#advance(following, run, followed)
    return false
  }

  #advance(following: ReadonlyMap<string, Following>, run: Run, { last, cut, pending }: Followed): void {
    const whole = !cut && !pending
    const reached = whole ? run.reached : (last?.number ?? 0)
    const mark = last !== null && last.number === reached ? markOf(last) : ''
    for (const [collection, position] of following) {
      if (reached <= position.number) continue
      const past = reached >= position.scannedTo
      if (past) this.#state.bootstraps.end(position.bootstrap)
      this.#state.positions.set(collection, {
        kind: 'following',
        number: reached,
        mark,
        scannedTo: past ? 0 : position.scannedTo,
        replayTo: reached >= position.replayTo ? 0 : position.replayTo,
        bootstrap: past ? '' : position.bootstrap,
      })
    }
    this.#pending = pending || (whole && run.pending)
    if (cut || (run.more && !this.#pending)) this.#more = true
    if (whole && !run.more && !run.pending) {
      this.#space.headNumber.notice({ number: run.reached, epoch: run.epoch })
    }
  }

  finish(remote: string): PullPage {
    const checkpoints: Record<string, string> = {}
    for (const [collection, position] of this.#state.positions) {
      if (position !== null) checkpoints[collection] = formatPosition(position)
    }
    const origin: Origin = { remote, epoch: this.#epoch ?? '' }
    return {
      changes: this.#changes,
      checkpoints,
      hasMore: this.#more,
      origin,
      ...(this.#state.reset.size > 0 ? { reset: [...this.#state.reset] } : {}),
      ...(this.#pending ? { lag: Math.ceil(this.#space.runtime.monotonic() - this.#started) } : {}),
    }
  }

  get #room(): number {
    return this.#request.limit - this.#changes.length
  }
}

export interface PageState {
  /** Changed as the page fills; null: from the beginning. */
  readonly positions: Map<string, Position | null>
  readonly reset: ReadonlySet<string>
  /** The checkpoints belong to another remote. */
  readonly foreign: boolean
  /** Collections without a position may replay the log. */
  readonly mayReplay: boolean
  /** Most log items to ask for. */
  readonly items: number
  readonly bootstraps: Bootstraps
}

const UNREAD: Following = {
  kind: 'following',
  number: 0,
  scannedTo: 0,
  replayTo: 0,
  bootstrap: '',
  mark: '',
}

function scanningFrom(head: Head, bootstrap: string): Position {
  return { kind: 'scanning', start: head.number, after: '', bootstrap }
}
