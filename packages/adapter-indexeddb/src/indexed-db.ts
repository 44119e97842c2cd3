import type {
  LocalStore,
  LocalStoreEvents,
  ScanRange,
  StoreValue,
  WriteBatch,
  WriteOptions,
} from '@holdfast/core'
import { getMany } from 'idb-keyval'
import { Connection } from './connection.ts'
import { alreadyOpen, closed } from './failures.ts'
import { destroyDatabase } from './opening.ts'
import { CAPABILITIES, chooseDurability, DEFAULT_TIMEOUT_MS, type IndexedDbOptions } from './options.ts'
import { applyBatch, scanEntries } from './transaction.ts'

/**
 * A LocalStore on IndexedDB. Durability is the browser's own, per transaction: `relaxed` is handed
 * to the operating system when a write resolves, `strict` is flushed to the disk.
 */
export function indexedDb(options: IndexedDbOptions = {}): LocalStore {
  return new IndexedDbStore(options)
}

class IndexedDbStore implements LocalStore {
  readonly specVersion = 1
  readonly capabilities = CAPABILITIES
  readonly #durability: 'strict' | 'relaxed'
  readonly #timeoutMs: number
  #open: { readonly name: string; readonly connection: Promise<Connection> } | undefined

  constructor({ durability = 'relaxed', timeoutMs = DEFAULT_TIMEOUT_MS }: IndexedDbOptions) {
    this.#durability = durability
    this.#timeoutMs = timeoutMs
  }

  async open(name: string, events: LocalStoreEvents = {}): Promise<void> {
    if (this.#open !== undefined) throw alreadyOpen(this.#open.name)
    const connection = Connection.open(name, this.#timeoutMs, events)
    this.#open = { name, connection }
    try {
      await connection
    } catch (error) {
      this.#open = undefined
      throw error
    }
  }

  async getMany(keys: readonly string[]): Promise<(StoreValue | undefined)[]> {
    const connection = await this.#connection()
    return connection.run({ mode: 'readonly' }, (entries) =>
      getMany([...keys], async (_, read) => read(entries)),
    )
  }

  async scan(range: ScanRange): Promise<[key: string, value: StoreValue][]> {
    const connection = await this.#connection()
    const empty = range.from >= range.to || range.limit === 0
    return connection.run({ mode: 'readonly' }, async (entries) => (empty ? [] : scanEntries(entries, range)))
  }

  async write(batch: WriteBatch, options: WriteOptions = {}): Promise<void> {
    const durability = chooseDurability(options.durability, this.#durability)
    const connection = await this.#connection()
    return connection.run({ mode: 'readwrite', durability }, (entries, transaction) =>
      applyBatch(entries, transaction, batch, options.expect),
    )
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    const connection = await open?.connection.catch(() => undefined)
    await connection?.close()
  }

  async destroy(name: string): Promise<void> {
    if (this.#open?.name === name) throw alreadyOpen(name)
    await destroyDatabase(name, this.#timeoutMs)
  }

  #connection(): Promise<Connection> {
    return this.#open?.connection ?? Promise.reject(closed())
  }
}
