import type {
  HoldfastError,
  LocalStoreEvents,
  ScanRange,
  StoreValue,
  WriteBatch,
  WriteOptions,
} from '@holdfast/core'
import { getMany } from 'idb-keyval'
import { accessFailure, closed, cutOff, isConnectionCut, lost } from './failures.ts'
import { InFlight } from './in-flight.ts'
import { openDatabase, readMeta } from './opening.ts'
import { ENTRIES } from './options.ts'
import type { Session } from './store.ts'
import { applyBatch, complete, scanEntries } from './transaction.ts'

type Work<T> = (entries: IDBObjectStore, transaction: IDBTransaction) => Promise<T>

interface Access {
  readonly mode: IDBTransactionMode
  readonly durability?: 'strict' | 'relaxed'
}

/**
 * One open database. Every call goes through the promise of its handle, so transactions begin in
 * the order in which they were asked for.
 *
 * A handle that the browser cut is replaced once, by a handle of the very same database: none is
 * created, and one that was recreated meanwhile has another identity. Otherwise it is lost for good.
 */
export class Connection implements Session {
  readonly #name: string
  readonly #timeoutMs: number
  readonly #events: LocalStoreEvents
  readonly #identity: Promise<unknown>
  readonly #inFlight = new InFlight()
  #handle: Promise<IDBDatabase>
  #failure: HoldfastError | undefined

  static async open(name: string, timeoutMs: number, events: LocalStoreEvents): Promise<Connection> {
    const database = await openDatabase(name, { timeoutMs, create: true })
    return new Connection(name, timeoutMs, events, database)
  }

  private constructor(name: string, timeoutMs: number, events: LocalStoreEvents, database: IDBDatabase) {
    this.#name = name
    this.#timeoutMs = timeoutMs
    this.#events = events
    this.#watch(database)
    this.#handle = Promise.resolve(database)
    const meta = readMeta(database)
    this.#identity = meta.then(({ identity }) => identity).catch(() => undefined)
    meta.then(({ droppedAt }) => this.#tellDropped(droppedAt)).catch(() => undefined)
  }

  getMany(keys: readonly string[]): Promise<(StoreValue | undefined)[]> {
    return this.#run({ mode: 'readonly' }, (entries) => getMany([...keys], async (_, read) => read(entries)))
  }

  scan(range: ScanRange): Promise<[key: string, value: StoreValue][]> {
    return this.#run({ mode: 'readonly' }, (entries) => scanEntries(entries, range))
  }

  write(batch: WriteBatch, durability: 'strict' | 'relaxed', expect: WriteOptions['expect']): Promise<void> {
    return this.#run({ mode: 'readwrite', durability }, (entries, transaction) =>
      applyBatch(entries, transaction, batch, expect),
    )
  }

  async close(): Promise<void> {
    await this.#run({ mode: 'readwrite' }, (_, transaction) => complete(transaction)).catch(() => undefined)
    this.#failure ??= closed()
    await this.#handle.then((database) => database.close()).catch(() => undefined)
  }

  /** Runs `work` in one transaction. It must await nothing but requests of that transaction. */
  async #run<T>(access: Access, work: Work<T>): Promise<T> {
    const handle = this.#handle
    let begun = false
    try {
      const transaction = this.#begin(await handle, access)
      begun = true
      return await this.#inFlight.track(work(transaction.objectStore(ENTRIES), transaction))
    } catch (error) {
      if (!isConnectionCut(error)) throw this.#failure ?? accessFailure(error)
      this.#reconnect(handle)
      // A write that had begun may stand or not: its caller decides. Anything else is safe to repeat.
      if (begun && access.mode === 'readwrite') {
        await this.#handle.catch(() => undefined)
        throw this.#failure ?? cutOff(error)
      }
    }
    try {
      const transaction = this.#begin(await this.#handle, access)
      return await this.#inFlight.track(work(transaction.objectStore(ENTRIES), transaction))
    } catch (error) {
      throw this.#failure ?? accessFailure(error)
    }
  }

  #begin(database: IDBDatabase, { mode, durability }: Access): IDBTransaction {
    if (this.#failure !== undefined) throw this.#failure
    return database.transaction(ENTRIES, mode, durability === undefined ? undefined : { durability })
  }

  #watch(database: IDBDatabase): void {
    database.onversionchange = (event) => {
      database.close()
      this.#lose(lost(this.#name, event.newVersion === null ? 'deleted' : 'upgraded'))
    }
    database.onclose = () => this.#reconnect(this.#handle)
  }

  #reconnect(cut: Promise<IDBDatabase>): void {
    if (cut !== this.#handle || this.#failure !== undefined) return
    this.#handle = this.#reopen(cut)
    this.#handle.catch((cause) => this.#lose(lost(this.#name, 'closed by the browser or deleted', cause)))
    this.#inFlight.interrupt(new DOMException('The connection was cut.', 'InvalidStateError'))
  }

  async #reopen(cut: Promise<IDBDatabase>): Promise<IDBDatabase> {
    const before = await cut
    before.onclose = null
    before.close()
    const database = await openDatabase(this.#name, { timeoutMs: this.#timeoutMs, create: false })
    this.#watch(database)
    const { identity } = await readMeta(database)
    if (identity !== undefined && identity === (await this.#identity)) return database
    database.onversionchange = null
    database.close()
    throw lost(this.#name, 'deleted')
  }

  #tellDropped(at: unknown): void {
    if (typeof at === 'number' && this.#failure === undefined) this.#events.onDropped?.({ at })
  }

  #lose(error: HoldfastError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#events.onLost?.(error)
  }
}
