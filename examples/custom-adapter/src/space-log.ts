import { type CurrentVersion, HoldfastError } from '@holdfast/core'
import type { KvClient } from './kv-client.ts'

export interface LoggedVersion extends CurrentVersion {
  readonly collection: string
  readonly id: string
}

/** What one push applied, in order. */
export type LogEntry = LoggedVersion[]

/** The current version of each document, by collection and id. */
export type Versions = ReadonlyMap<string, LoggedVersion>

/** The log of one space, as far as this client has read it. */
export class SpaceLog {
  readonly #client: KvClient
  readonly #space: string
  #versions = new Map<string, LoggedVersion>()
  #feed: LoggedVersion[] = []
  #next = 0
  #epoch = ''

  constructor(client: KvClient, space: string) {
    this.#client = client
    this.#space = space
  }

  get versions(): Versions {
    return this.#versions
  }

  /** Every version in the order of the log. */
  get feed(): readonly LoggedVersion[] {
    return this.#feed
  }

  /** The number that the next push must create. */
  get next(): number {
    return this.#next
  }

  get epoch(): string {
    return this.#epoch
  }

  keyOf(number: number): string {
    return `${this.#space}/${String(number).padStart(12, '0')}`
  }

  isLatest(version: LoggedVersion): boolean {
    return this.#versions.get(JSON.stringify([version.collection, version.id])) === version
  }

  /** Reads to the end of the log; from its beginning when its history is another one. */
  async follow(signal: AbortSignal): Promise<void> {
    for (let more = true; more; ) {
      const page = await this.#client.list(this.keyOf(this.#next), `${this.#space}0`, signal)
      const isOther = page.epoch !== this.#epoch
      if (isOther) this.#begin(page.epoch)
      else for (const [key, text] of page.entries) this.#absorb(key, text)
      more = isOther || page.more
    }
  }

  #begin(epoch: string): void {
    this.#versions = new Map()
    this.#feed = []
    this.#next = 0
    this.#epoch = epoch
  }

  /** Two calls may read the same entry at once: each number counts once, and none is jumped. */
  #absorb(key: string, text: string): void {
    if (key < this.keyOf(this.#next)) return
    if (key !== this.keyOf(this.#next)) {
      throw new HoldfastError(
        'protocol',
        'A number is missing in the log. Nothing was read: restore the service.',
      )
    }
    for (const version of JSON.parse(text) as LogEntry) {
      this.#versions.set(JSON.stringify([version.collection, version.id]), version)
      this.#feed.push(version)
    }
    this.#next += 1
  }
}
