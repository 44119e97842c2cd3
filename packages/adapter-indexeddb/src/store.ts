import type {
  LocalCapabilities,
  LocalStore,
  LocalStoreEvents,
  ScanRange,
  StoreValue,
  WriteBatch,
  WriteOptions,
} from '@holdfast/core'
import { assertStorable, chooseDurability } from '@holdfast/core/adapter'
import { alreadyOpen, closed } from './failures.ts'
import { destroyDatabase } from './opening.ts'
import { capabilitiesHere, DEFAULT_TIMEOUT_MS, type IndexedDbOptions } from './options.ts'

/** One open database, until it is closed or lost. Writes take effect in the order of the calls. */
export interface Session {
  getMany(keys: readonly string[]): Promise<(StoreValue | undefined)[]>
  /** `range` holds at least one possible key. */
  scan(range: ScanRange): Promise<[key: string, value: StoreValue][]>
  write(batch: WriteBatch, durability: 'strict' | 'relaxed', expect: WriteOptions['expect']): Promise<void>
  /** Resolves when all that was asked for is over and the database is let go. */
  close(): Promise<void>
}

export type OpenSession = (name: string, timeoutMs: number, events: LocalStoreEvents) => Promise<Session>

interface Open {
  readonly name: string
  readonly session: Promise<Session>
  lost: boolean
}

/** What both stores have in common: which database is open, and the defaults. */
export class SessionStore implements LocalStore {
  readonly specVersion = 1
  readonly capabilities: LocalCapabilities
  readonly #openSession: OpenSession
  readonly #timeoutMs: number
  #open: Open | undefined
  #closing: Promise<void> = Promise.resolve()

  constructor(openSession: OpenSession, options: IndexedDbOptions) {
    this.#openSession = openSession
    this.capabilities = capabilitiesHere(options.durability)
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  }

  async open(name: string, events: LocalStoreEvents = {}): Promise<void> {
    if (this.#open !== undefined && !this.#open.lost) throw alreadyOpen(this.#open.name)
    const before = this.close()
    const open: Open = { name, lost: false, session: before.then(() => this.#begin(open, events)) }
    this.#open = open
    try {
      await open.session
    } catch (error) {
      if (this.#open === open) this.#open = undefined
      throw error
    }
  }

  async getMany(keys: readonly string[]): Promise<(StoreValue | undefined)[]> {
    const session = await this.#session()
    return session.getMany(keys)
  }

  async scan(range: ScanRange): Promise<[key: string, value: StoreValue][]> {
    const session = await this.#session()
    if (range.from < range.to && range.limit !== 0) return session.scan(range)
    await session.getMany([])
    return []
  }

  async write(batch: WriteBatch, options: WriteOptions = {}): Promise<void> {
    const durability =
      chooseDurability(options.durability, this.capabilities) === 'strict' ? 'strict' : 'relaxed'
    assertStorable(batch, this.capabilities)
    const session = await this.#session()
    return session.write(batch, durability, options.expect)
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (open !== undefined)
      this.#closing = open.session.then(
        (session) => session.close(),
        () => undefined,
      )
    await this.#closing
  }

  async destroy(name: string): Promise<void> {
    if (this.#open?.name === name) throw alreadyOpen(name)
    await destroyDatabase(name, this.#timeoutMs)
  }

  #begin(open: Open, events: LocalStoreEvents): Promise<Session> {
    return this.#openSession(open.name, this.#timeoutMs, {
      onLost(error) {
        open.lost = true
        events.onLost?.(error)
      },
      onDropped(dropped) {
        events.onDropped?.(dropped)
      },
    })
  }

  #session(): Promise<Session> {
    return this.#open?.session ?? Promise.reject(closed())
  }
}
