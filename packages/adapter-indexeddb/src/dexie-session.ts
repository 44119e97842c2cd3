import type {
  HoldfastError,
  LocalStoreEvents,
  ScanRange,
  StoreValue,
  WriteBatch,
  WriteOptions,
} from '@holdfast/core'
import { type DexieDatabase, innermost, openDexie } from './dexie-database.ts'
import { applyBatch, scanEntries } from './dexie-entries.ts'
import { accessFailure } from './failures.ts'
import { InFlight } from './in-flight.ts'
import type { Session } from './store.ts'

type Durability = 'strict' | 'relaxed'

/**
 * One instance of Dexie for relaxed writes and reads, and one more from the first strict write on.
 * Between two instances the order of calls is kept by waiting: a write that changes the kind begins
 * when every call before it is over.
 */
export class DexieSession implements Session {
  readonly #name: string
  readonly #timeoutMs: number
  readonly #events: LocalStoreEvents
  readonly #reader: DexieDatabase
  readonly #databases = new Map<Durability, DexieDatabase>()
  readonly #inFlight = new InFlight()
  #kind: Durability = 'relaxed'
  #turn: Promise<DexieDatabase>
  #failure: HoldfastError | undefined

  static async open(name: string, timeoutMs: number, events: LocalStoreEvents): Promise<DexieSession> {
    let session: DexieSession | undefined
    const onLost = (error: HoldfastError) => {
      if (session !== undefined) session.#lose(error)
    }
    const reader = await openDexie(name, { durability: 'relaxed', timeoutMs, identity: undefined, onLost })
    session = new DexieSession(name, timeoutMs, events, reader)
    if (reader.droppedAt !== undefined) events.onDropped?.({ at: reader.droppedAt })
    return session
  }

  private constructor(name: string, timeoutMs: number, events: LocalStoreEvents, reader: DexieDatabase) {
    this.#name = name
    this.#timeoutMs = timeoutMs
    this.#events = events
    this.#reader = reader
    this.#databases.set('relaxed', reader)
    this.#turn = Promise.resolve(reader)
  }

  getMany(keys: readonly string[]): Promise<(StoreValue | undefined)[]> {
    return this.#attempt(() => this.#reader.entries.bulkGet([...keys]))
  }

  scan(range: ScanRange): Promise<[key: string, value: StoreValue][]> {
    return this.#attempt(() => scanEntries(this.#reader, range))
  }

  write(batch: WriteBatch, durability: Durability, expect: WriteOptions['expect']): Promise<void> {
    if (durability !== this.#kind) {
      this.#kind = durability
      this.#turn = this.#inFlight.settled().then(() => this.#databaseFor(durability))
      this.#turn.catch(() => undefined)
    }
    const turn = this.#turn
    return this.#attempt(async () => applyBatch(await turn, batch, expect))
  }

  async close(): Promise<void> {
    await this.#inFlight.settled()
    for (const { dexie } of this.#databases.values()) dexie.close()
  }

  async #databaseFor(durability: Durability): Promise<DexieDatabase> {
    const known = this.#databases.get(durability)
    if (known !== undefined) return known
    const opened = await openDexie(this.#name, {
      durability,
      timeoutMs: this.#timeoutMs,
      identity: this.#reader.identity,
      onLost: (error) => this.#lose(error),
    })
    this.#databases.set(durability, opened)
    return opened
  }

  #attempt<T>(work: () => PromiseLike<T>): Promise<T> {
    return this.#inFlight.track(this.#guarded(work))
  }

  async #guarded<T>(work: () => PromiseLike<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure
    try {
      return await work()
    } catch (error) {
      throw this.#failure ?? accessFailure(innermost(error))
    }
  }

  #lose(error: HoldfastError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    for (const { dexie } of this.#databases.values()) dexie.close()
    this.#inFlight.interrupt(error)
    this.#events.onLost?.(error)
  }
}
