import {
  type Durability,
  HoldfastError,
  type LocalCapabilities,
  type LocalStore,
  type LocalStoreEvents,
  type ScanRange,
  type StoreValue,
  type WriteBatch,
  type WriteOptions,
} from '@holdfast/core'
import { assertStorable, chooseDurability } from '@holdfast/core/adapter'
import { Area } from './area.ts'
import { closed, conflicting, locked, lost, unavailable } from './failures.ts'
import { hold, pageLocks, type Release } from './hold.ts'
import { type Layout, layoutOf } from './layout.ts'

export interface LocalStorageOptions {
  /** Stands before every key; 'holdfast:' unless set. */
  readonly prefix?: string
  /** A Storage of your own, outside browsers or instead of `localStorage`. No other process may use it meanwhile. */
  readonly storage?: Storage
  /** How durable your own `storage` is when `setItem` returns. Only with `storage`; 'none' unless set. */
  readonly durability?: Durability
  /** How long `open` waits for another tab to close the database, in ms; 2,000 unless set. */
  readonly timeoutMs?: number
}

/** Several records of this size and a journal must fit beside each other in 5 MB. */
const MAX_VALUE_BYTES = 1024 * 1024

/**
 * A LocalStore on `localStorage`: about 5 MB, one tab at a time, and a durability of 'none', since
 * Chromium keeps the last seconds of it in memory. Batches are whole also after a crash.
 */
export function localStorageStore(options: LocalStorageOptions = {}): LocalStore {
  return new LocalStorageStore(options)
}

interface Open {
  readonly name: string
  readonly area: Area
  readonly release: Release
  readonly events: LocalStoreEvents
  failure?: HoldfastError
}

class LocalStorageStore implements LocalStore {
  readonly specVersion = 1
  readonly capabilities: LocalCapabilities
  readonly #options: LocalStorageOptions
  readonly #durability: Durability
  #name: string | undefined
  #open: Open | undefined
  #closing: Promise<void> = Promise.resolve()

  constructor(options: LocalStorageOptions) {
    this.#options = options
    this.#durability = options.storage === undefined ? 'none' : (options.durability ?? 'none')
    this.capabilities = {
      durability: [this.#durability],
      binary: false,
      maxValueBytes: MAX_VALUE_BYTES,
      sharedBetweenTabs: false,
    }
  }

  async open(name: string, events: LocalStoreEvents = {}): Promise<void> {
    if (this.#name !== undefined && this.#open?.failure === undefined) throw locked(this.#name)
    await this.close()
    this.#name = name
    try {
      this.#open = await this.#take(name, events)
    } catch (error) {
      this.#name = undefined
      throw error
    }
  }

  async getMany(keys: readonly string[]): Promise<(StoreValue | undefined)[]> {
    return this.#access((area) => keys.map((key) => area.get(key)))
  }

  async scan(range: ScanRange): Promise<[key: string, value: StoreValue][]> {
    return this.#access((area) => area.scan(range))
  }

  async write(batch: WriteBatch, { durability, expect }: WriteOptions = {}): Promise<void> {
    chooseDurability(durability, this.capabilities)
    assertStorable(batch, this.capabilities)
    this.#access((area) => {
      if (expect !== undefined && (area.get(expect.key) ?? null) !== expect.value) throw conflicting()
      area.apply(batch)
    })
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (open !== undefined) this.#closing = open.release()
    await this.#closing
    if (this.#open === undefined) this.#name = undefined
  }

  async destroy(name: string): Promise<void> {
    if (this.#name === name) throw locked(name)
    const { storage, layout, release } = await this.#hold(name)
    try {
      Area.destroy(storage, layout)
    } finally {
      await release()
    }
  }

  async #take(name: string, events: LocalStoreEvents): Promise<Open> {
    const { storage, layout, release } = await this.#hold(name)
    try {
      const area = Area.open(storage, layout, name)
      const unwatch = this.#watch(storage, layout)
      const leave = () => {
        unwatch()
        return release()
      }
      return { name, area, events, release: leave }
    } catch (error) {
      await release()
      throw error
    }
  }

  async #hold(name: string): Promise<{ storage: Storage; layout: Layout; release: Release }> {
    const { prefix = 'holdfast:', timeoutMs = 2000 } = this.#options
    const storage = this.#options.storage ?? pageStorage()
    const layout = layoutOf(prefix, name)
    const inPage = this.#options.storage === undefined
    const between = inPage ? { locks: pageLocks(), lock: layout.lock, echo: `${prefix}echo` } : undefined
    return { storage, layout, release: await hold(storage, layout.root, { name, between, timeoutMs }) }
  }

  /** This tab alone holds the database, so a change that another tab made is someone else's doing. */
  #watch(storage: Storage, layout: Layout): () => void {
    if (typeof globalThis.addEventListener !== 'function') return () => undefined
    const hear = (event: Event) => {
      const { storageArea, key } = event as StorageEvent
      if (storageArea !== storage || !(key ?? layout.root).startsWith(layout.root)) return
      if (this.#open !== undefined) this.#lose(this.#open, lost(this.#open.name))
    }
    globalThis.addEventListener('storage', hear)
    return () => globalThis.removeEventListener('storage', hear)
  }

  #access<T>(work: (area: Area) => T): T {
    const open = this.#open
    if (open === undefined) throw closed()
    if (open.failure !== undefined) throw open.failure
    try {
      return work(open.area)
    } catch (error) {
      if (error instanceof HoldfastError && error.code === 'store_lost') this.#lose(open, error)
      throw error
    }
  }

  #lose(open: Open, failure: HoldfastError): void {
    if (open.failure !== undefined) return
    open.failure = failure
    open.events.onLost?.(failure)
  }
}

function pageStorage(): Storage {
  try {
    const storage: Storage | undefined = globalThis.window?.localStorage
    if (storage !== undefined && storage !== null) return storage
  } catch (error) {
    throw unavailable('The browser refuses localStorage (private mode, or storage is switched off).', error)
  }
  throw unavailable('There is no localStorage here: give a Storage of your own as `storage`.')
}
