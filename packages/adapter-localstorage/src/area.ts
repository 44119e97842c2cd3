import type { HoldfastError, ScanRange, WriteBatch } from '@holdfast/core'
import { classify, corrupt, lost, newer } from './failures.ts'
import { type Change, commit, recover } from './journal.ts'
import { keysUnder, type Layout } from './layout.ts'

const FORMAT = 1

/** One open database: its keys in order in memory, its values in the Storage. Wholly synchronous. */
export class Area {
  readonly #storage: Storage
  readonly #layout: Layout
  readonly #name: string
  readonly #head: string
  readonly #keys: string[]

  /** Opens or creates; ends first what a dead tab began. */
  static open(storage: Storage, layout: Layout, name: string): Area {
    try {
      const head = storage.getItem(layout.head) ?? create(storage, layout)
      const format = formatOf(head)
      if (format === undefined) throw corrupt(name)
      if (format > FORMAT) throw newer(name)
      if (!recover(storage, layout)) throw corrupt(name)
      return new Area(storage, layout, name, head)
    } catch (error) {
      throw classify(error)
    }
  }

  static destroy(storage: Storage, layout: Layout): void {
    // The head goes first: what a dead tab leaves behind is then no database any more.
    storage.removeItem(layout.head)
    for (const key of keysUnder(storage, layout.root)) storage.removeItem(key)
  }

  private constructor(storage: Storage, layout: Layout, name: string, head: string) {
    this.#storage = storage
    this.#layout = layout
    this.#name = name
    this.#head = head
    this.#keys = keysUnder(storage, layout.entries)
      .map((key) => key.slice(layout.entries.length))
      .sort()
  }

  get(key: string): string | undefined {
    this.#assertPresent()
    return this.#storage.getItem(this.#layout.entries + key) ?? undefined
  }

  scan({ from, to, limit = Number.POSITIVE_INFINITY, reverse = false }: ScanRange): [string, string][] {
    this.#assertPresent()
    const found = this.#keysBetween(from, to)
    if (reverse) found.reverse()
    return found.slice(0, limit).map((key) => {
      const value = this.#storage.getItem(this.#layout.entries + key)
      if (value === null) throw lost(this.#name)
      return [key, value]
    })
  }

  /** Everything or nothing. `batch` holds strings only. */
  apply(batch: WriteBatch): void {
    this.#assertPresent()
    const change = this.#changeFor(batch)
    try {
      if (change.put.size + change.remove.length > 0) commit(this.#storage, this.#layout, change)
    } catch (error) {
      throw this.#afterFailure(error)
    }
    for (const key of change.remove) this.#keys.splice(this.#place(this.#plain(key)), 1)
    for (const key of change.put.keys()) this.#remember(this.#plain(key))
  }

  /** Throws `store_lost` when someone cleared the storage or replaced the database. */
  #assertPresent(): void {
    if (this.#storage.getItem(this.#layout.head) !== this.#head) throw lost(this.#name)
  }

  #changeFor({ deleteRanges = [], delete: keys = [], put = [] }: WriteBatch): Change {
    const written = new Map(put.map(([key, value]) => [this.#layout.entries + key, value as string]))
    const removed = new Set([...deleteRanges.flatMap(({ from, to }) => this.#keysBetween(from, to)), ...keys])
    const remove = [...removed]
      .filter((key) => this.#keys[this.#place(key)] === key)
      .map((key) => this.#layout.entries + key)
      .filter((key) => !written.has(key))
    return { put: written, remove }
  }

  /** A batch that could not even be undone is ended by the next opening. */
  #afterFailure(error: unknown): HoldfastError {
    return this.#storage.getItem(this.#layout.journal) === null ? classify(error) : lost(this.#name)
  }

  #plain(key: string): string {
    return key.slice(this.#layout.entries.length)
  }

  #remember(key: string): void {
    const place = this.#place(key)
    if (this.#keys[place] !== key) this.#keys.splice(place, 0, key)
  }

  #keysBetween(from: string, to: string): string[] {
    return from < to ? this.#keys.slice(this.#place(from), this.#place(to)) : []
  }

  /** Index of the first key that is not smaller. */
  #place(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#keys[middle] ?? '') < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Entries without a head belonged to a database that was cleared. */
function create(storage: Storage, layout: Layout): string {
  for (const key of keysUnder(storage, layout.root)) storage.removeItem(key)
  const identity = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join(
    '-',
  )
  const head = JSON.stringify({ format: FORMAT, identity })
  storage.setItem(layout.head, head)
  return head
}

function formatOf(head: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(head)
    const format =
      typeof parsed === 'object' && parsed !== null && 'format' in parsed ? parsed.format : undefined
    return typeof format === 'number' ? format : undefined
  } catch {
    return undefined
  }
}
