import type { LocalStore } from '../contracts/local-store.ts'
import type { LocatedVersion } from '../model/document.ts'
import { freezeJson } from '../model/freeze.ts'
import { Holders } from './holders.ts'
import type { Located, Release } from './located.ts'
import type { Manifest } from './manifest.ts'
import { readPageSlice, slicesOf } from './page-slices.ts'
import { ON_DISK, type Row } from './row.ts'
import { scanDocuments, type VisitDocuments } from './scan.ts'
import type { Tables } from './tables.ts'

/** Beyond as many documents, or characters of pages, documents stay on disk. */
export const MAX_DOCUMENTS_AT_HAND = 100_000
export const MAX_CHARS_AT_HAND = 64 * 1024 * 1024
/** Characters of pages whose documents are kept in memory even so: those read or written last. */
export const CACHE_CHARS = 16 * 1024 * 1024

/** Keeps the documents that are added in memory until it is released. */
export interface Hold {
  /** A promise where the document has to be read first. */
  add(located: Located): Promise<void> | null
  release(): void
}

export interface PageCacheParts {
  readonly tables: Tables
  readonly store: LocalStore
  readonly manifest: () => Manifest
  /** Null, or tells when the rows are there for the first time. */
  readonly ready: () => Promise<void> | null
  /** A page was compacted away by the leader in another tab: resolves when the rows are up to date. */
  readonly catchUp: () => Promise<void>
}

interface Resident {
  readonly rows: readonly Row[]
  readonly chars: number
}

/**
 * Which documents are in memory. Small databases have all of them there. In large ones only rows
 * and ids are, with the documents of the pages read or written last, of rows that are pending or stand in a
 * ledger record, and of those that someone holds.
 */
export class PageCache {
  readonly #parts: PageCacheParts
  /** What somebody holds; each by itself. */
  readonly #holds = new Set<readonly Located[]>()
  /** Counted only while documents may be on disk. */
  readonly #holders = new Holders()
  /** In the order in which they were read or written. */
  readonly #residents = new Map<number, Resident>()
  /** Rows whose page is not resident, in memory since they are pending or loose, or were so. */
  readonly #strays = new Set<Row>()
  /** The same of rows that are held: they go when they are released, and are not looked at before. */
  readonly #heldStrays = new Set<Row>()
  readonly #reading = new Map<number, Promise<void>>()
  #chars = 0
  #isOn = false

  constructor(parts: PageCacheParts) {
    this.#parts = parts
  }

  /** True if documents may be on disk only. */
  get isOn(): boolean {
    return this.#isOn
  }

  /**
   * Keeps these documents in memory until the result is called; a promise where some have to be
   * read first. Rejects with what kept them from being read; then nothing is held.
   */
  hold(located: readonly Located[]): Release | Promise<Release> {
    const ready = this.#parts.ready()
    return ready === null ? this.#hold(located) : ready.then(() => this.#hold(located))
  }

  #hold(located: readonly Located[]): Release | Promise<Release> {
    const held = [...located]
    this.#holds.add(held)
    const release = () => this.#releaseAll(held)
    if (!this.#isOn) return release
    for (const one of located) this.#holders.add(one)
    if (this.#pagesOf(located).size === 0) return release
    return this.#warm(located).then(
      () => release,
      (error) => {
        release()
        throw error
      },
    )
  }

  /** The same for documents that become known one after the other. */
  openHold(): Hold {
    const held: Located[] = []
    this.#holds.add(held)
    const add = (one: Located) => {
      held.push(one)
      if (!this.#isOn) return null
      this.#holders.add(one)
      return this.#pagesOf([one]).size === 0 ? null : this.#warm([one])
    }
    return {
      add: (one) => this.#parts.ready()?.then(() => add(one) ?? undefined) ?? add(one),
      release: () => this.#releaseAll(held),
    }
  }

  #releaseAll(held: readonly Located[]): void {
    if (this.#holds.delete(held) && this.#isOn) for (const one of held) this.#release(one)
  }

  #release(located: Located): void {
    if (!this.#holders.remove(located) || this.#heldStrays.size === 0) return
    const row = this.#parts.tables.get(located.collection, located.id)
    if (row !== undefined && this.#heldStrays.has(row)) this.#cool(row)
  }

  async #warm(located: readonly Located[]): Promise<void> {
    for (;;) {
      const nos = this.#pagesOf(located)
      if (nos.size === 0) return
      const unread = [...nos].filter((no) => !this.#reading.has(no))
      await Promise.all([...nos].map((no) => this.#reading.get(no)))
      for (const slice of slicesOf(unread, (no) => this.#charsOf(no))) await this.#readOnce(slice)
    }
  }

  async #readOnce(nos: readonly number[]): Promise<void> {
    const reading = this.#read(nos).finally(() => {
      for (const no of nos) this.#reading.delete(no)
    })
    for (const no of nos) this.#reading.set(no, reading)
    await reading
  }

  /** Pages from which some of these documents have to be read. */
  #pagesOf(located: readonly Located[]): Set<number> {
    const nos = new Set<number>()
    for (const { collection, id } of located) {
      const row = this.#parts.tables.get(collection, id)
      if (row?.content === ON_DISK) nos.add(row.at)
    }
    return nos
  }

  async #read(nos: readonly number[]): Promise<void> {
    const pages = await readPageSlice(this.#parts.store, nos)
    let isBehind = false
    for (const [i, no] of nos.entries()) {
      const versions = pages[i]
      if (versions === undefined) isBehind = true
      else this.#fill(no, versions)
    }
    if (isBehind) await this.#parts.catchUp()
  }

  #fill(no: number, versions: readonly LocatedVersion[]): void {
    const { tables } = this.#parts
    const rows = new Map<string, Row>()
    for (const { collection, id, value } of versions) {
      const row = tables.get(collection, id)
      const key = keyOf({ collection, id })
      if (row?.at !== no || (row.content !== ON_DISK && !rows.has(key))) continue
      // A page may have an older version of a document before the newer one.
      row.content = freezeJson(value)
      rows.set(key, row)
    }
    this.#admit(no, [...rows.values()], this.#charsOf(no))
    this.#evict()
  }

  #charsOf(no: number): number {
    return this.#parts.manifest().pages.find(([page]) => page === no)?.[2] ?? 0
  }

  /** The latest version of each document in a page that the manifest names. */
  async readPage(no: number): Promise<LocatedVersion[]> {
    const [versions = []] = await readPageSlice(this.#parts.store, [no])
    return [...new Map(versions.map((version) => [keyOf(version), version])).values()]
  }

  /** See `scanDocuments`. */
  async scan(collection: string, visit: VisitDocuments): Promise<void> {
    await this.#parts.ready()
    const { tables, store, manifest } = this.#parts
    const hold = (located: readonly Located[]) => this.hold(located)
    await scanDocuments(collection, { tables, store, manifest: manifest(), hold }, visit)
  }

  /** A page was written whose documents are in memory. */
  admit(no: number, located: readonly Located[], chars: number): void {
    if (!this.#isOn) return
    const rows: Row[] = []
    for (const { collection, id } of located) {
      const row = this.#parts.tables.get(collection, id)
      if (row !== undefined) rows.push(row)
    }
    this.#admit(no, rows, chars)
  }

  #admit(no: number, rows: readonly Row[], chars: number): void {
    const before = this.#residents.get(no)
    this.#residents.delete(no)
    this.#residents.set(no, { rows: before === undefined ? rows : [...before.rows, ...rows], chars })
    this.#chars += before === undefined ? chars : 0
  }

  /** After a commit: what is not pending or loose any more can go. */
  settle(): void {
    if (!this.#isOn) return
    for (const stray of [...this.#strays]) this.#cool(stray)
    this.#evict()
  }

  /** Lets documents go, those of the pages read or written longest ago first, until the rest fits. */
  #evict(): void {
    for (const [no, { rows, chars }] of this.#residents) {
      if (this.#chars <= CACHE_CHARS) return
      this.#residents.delete(no)
      this.#chars -= chars
      for (const row of rows) if (row.at === no) this.#cool(row)
    }
  }

  /** From now on documents stay on disk. */
  turnOn(): void {
    if (this.#isOn) return
    this.#isOn = true
    for (const held of this.#holds) for (const one of held) this.#holders.add(one)
    for (const row of this.#parts.tables.rows()) this.#cool(row)
  }

  /** The rows were filled anew, with documents in memory or without. */
  reset(isOn: boolean): void {
    this.#isOn = false
    this.#holders.clear()
    this.#residents.clear()
    this.#strays.clear()
    this.#heldStrays.clear()
    this.#chars = 0
    if (isOn) this.turnOn()
  }

  /** Keys of the documents that are held, whether there is one or not. */
  *held(): Iterable<string> {
    for (const held of this.#holds) yield* held.map(keyOf)
  }

  #cool(row: Row): void {
    const { tables } = this.#parts
    this.#strays.delete(row)
    this.#heldStrays.delete(row)
    if (row.content === null || row.content === ON_DISK || row.at === 0) return
    if (this.#residents.has(row.at) || tables.get(row.collection, row.id) !== row) return
    if (this.#holders.has(row)) this.#heldStrays.add(row)
    else if (row.pending !== null || tables.loose.has(row)) this.#strays.add(row)
    else row.content = ON_DISK
  }
}

/** True for a database of which only a part is kept in memory. */
export function isLarge({ pages }: Manifest): boolean {
  let documents = 0
  let chars = 0
  for (const [, count, size] of pages) {
    documents += count
    chars += size
  }
  return documents > MAX_DOCUMENTS_AT_HAND || chars > MAX_CHARS_AT_HAND
}

const keyOf = ({ collection, id }: Located) => `${collection}/${id}`
