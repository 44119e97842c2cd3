import type { HoldfastError } from '../errors/holdfast-error.ts'

/**
 * LocalStore: an ordered key-value store with atomic batches, which keeps one database per name.
 *
 * Names       any well-formed text of 1 to 255 UTF-16 code units is a name. Names that differ in one
 *             code unit are two databases: `a` and `A`, `../a` and `a`, `é` composed and decomposed.
 * Atomicity   `write` takes effect as a whole or not at all, also across a crash.
 * Isolation   a `getMany` or `scan` sees the state between two writes, never the middle of one.
 * Order       keys are ordered by their UTF-16 code units. Writes take effect in the order in
 *             which they were issued; a read that is issued after a write resolved sees it.
 * Durability  when `write` resolves, the batch is durable to the degree that was asked for.
 * Close       `close` lets writes that were issued finish, then releases the database; a later
 *             read or write fails with `store_closed`, and another `close` resolves when the first
 *             has. Then `open` opens again, the same database or another one.
 * Loss        when the database is deleted, cleared or upgraded by someone else, every call fails
 *             with `store_lost`; the store never reopens or recreates it by itself, and never
 *             blocks another tab's upgrade.
 *
 * Failures are `HoldfastError`s with a code `store_…`. A store that cannot open says so: it never
 * looks empty. One that is empty since the platform dropped what it had says so by `onDropped`,
 * where that can be known.
 */
export interface LocalStore {
  readonly specVersion: 1
  readonly capabilities: LocalCapabilities
  /**
   * Opens, or creates, the database `name`. `store_unavailable`, `store_locked` (also while this
   * object has one open), `store_corrupt`, `wrong_key`.
   */
  open(name: string, events?: LocalStoreEvents): Promise<void>
  /** Values in the order of `keys`; undefined where there is none. */
  getMany(keys: readonly string[]): Promise<(StoreValue | undefined)[]>
  /** Entries with `from <= key < to`, in key order, or backwards with `reverse`; at most `limit`. */
  scan(range: ScanRange): Promise<[key: string, value: StoreValue][]>
  /** Fails with `store_conflict` and changes nothing when `expect` does not hold; `store_full` when out of space. */
  write(batch: WriteBatch, options?: WriteOptions): Promise<void>
  close(): Promise<void>
  /** Deletes the database `name`, which must not be open through this object. Idempotent. */
  destroy(name: string): Promise<void>
}

export type StoreValue = string | Uint8Array

export interface ScanRange {
  readonly from: string
  readonly to: string
  readonly limit?: number
  readonly reverse?: boolean
}

/** Ranges (`from <= key < to`) are deleted first, then keys, then `put` is written. */
export interface WriteBatch {
  readonly deleteRanges?: readonly { readonly from: string; readonly to: string }[]
  readonly delete?: readonly string[]
  readonly put?: readonly (readonly [key: string, value: StoreValue])[]
}

/**
 * strict:  survives a crash of the process, of the browser and of the machine.
 * relaxed: survives a crash of the process and of the tab; the machine's last moments may be lost.
 * none:    survives nothing (memory).
 */
export type Durability = 'strict' | 'relaxed' | 'none'

export interface WriteOptions {
  /** One of the declared `capabilities.durability`; the strongest of them that is not above 'relaxed' by default. */
  readonly durability?: Durability
  /** The value that a key must still have (null: no value), checked in the same transaction. */
  readonly expect?: { readonly key: string; readonly value: string | null }
}

export interface LocalCapabilities {
  /** The kinds of durability that can be asked for, strongest first. */
  readonly durability: readonly Durability[]
  /** True if values may be bytes. */
  readonly binary: boolean
  /** The largest value, in UTF-8 bytes, that `write` takes. */
  readonly maxValueBytes: number
  /** True if several tabs or processes may have the same database open at once. */
  readonly sharedBetweenTabs: boolean
  /** What a database's name is unique in, for a store that is shared: stores with the same scope and name have the same database. */
  readonly scope?: string
  /** Usage and quota in bytes, where the platform can tell. */
  readonly estimate?: () => Promise<{ readonly usage: number; readonly quota: number }>
}

export interface LocalStoreEvents {
  /** The database went away under an open store: deleted, cleared, or upgraded by another tab. */
  onLost?(error: HoldfastError): void
  /**
   * This database was begun (`at`, ms since 1970) in place of one of the same name that the
   * platform had dropped, with all that was in it. Told once for each `open`, as soon as it is
   * known, until `destroy`.
   */
  onDropped?(dropped: { readonly at: number }): void
}
