import type { ContainerInstance } from 'typedi'
import type { LocalStore } from '../contracts/local-store.ts'
import { HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'
import { localEntries } from '../push/settle-local.ts'
import type { Channel } from '../runtime/runtime.ts'
import type { Storage } from '../storage/storage.ts'
import { isTabMessage } from '../storage/tab-messages.ts'
import { adoptCollections, begunCollections } from './adopt-collections.ts'
import { type DocumentRef, discard, resolveConflict, retryFailed } from './commands.ts'
import { bindEngine, bindStorage, stampWith } from './compose.ts'
import { LeaderCalls } from './leader-calls.ts'
import { Leadership } from './leadership.ts'
import { Maintenance } from './maintenance.ts'
import type { CollectionConfigs, HoldfastOptions } from './options.ts'
import type { Settings } from './settings.ts'
import type { StatusBoard } from './status-board.ts'
import { holdEvents } from './store-events.ts'
import { SyncControl } from './sync-control.ts'
import * as T from './tokens.ts'

/** One open database: its storage, its part in the tabs' division of work, and its sync. */
export class Engine {
  readonly storage: Storage
  readonly container: ContainerInstance
  readonly #settings: Settings
  readonly #options: HoldfastOptions<CollectionConfigs>
  readonly #channel: Channel
  readonly #leadership: Leadership
  readonly #calls: LeaderCalls
  readonly #maintenance: Maintenance
  readonly #status: StatusBoard
  readonly sync: SyncControl
  #isClosed = false

  private constructor(parts: {
    container: ContainerInstance
    storage: Storage
    channel: Channel
    settings: Settings
    options: HoldfastOptions<CollectionConfigs>
    place: string
  }) {
    const { container, storage, channel, settings, options } = parts
    this.container = container
    this.storage = storage
    this.#channel = channel
    this.#settings = settings
    this.#options = options
    bindEngine(container, {
      settings,
      durability: options.durability,
      hooks: {
        refreshAuth: () => this.#refreshAuth(),
        onWrite: () => this.#onWrite(),
        onSettled: () => this.#maintenance.request(),
      },
    })
    const runtime = container.get(T.RUNTIME)
    this.#status = container.get(T.STATUS)
    this.#maintenance = new Maintenance({
      storage,
      runtime,
      inLane: container.get(T.LANE),
      localEntries: () => this.#localEntries(),
      onError: (error) => this.#onStoreError(error),
    })
    this.#calls = new LeaderCalls({
      runtime,
      channel,
      isLeader: () => this.storage.isLeader,
      execute: (method, args) => this.#execute(method, args),
    })
    this.#leadership = new Leadership({
      runtime,
      channel,
      lock: `${parts.place}/leader`,
      events: {
        holdsFence: () => this.storage.isLeader,
        onLead: () => this.#lead(),
        onStop: () => this.#stopLeading(),
        onError: (error) => this.#onStoreError(error),
      },
    })
    this.sync = new SyncControl(container, { channel, isLeader: () => this.storage.isLeader })
    channel.subscribe((message) => {
      if (isTabMessage(message) && message.kind === 'log') this.#onWrite()
    })
    storage.tables.subscribe((changes) => {
      if (changes === null) this.#onWrite()
    })
  }

  static async open(
    container: ContainerInstance,
    options: HoldfastOptions<CollectionConfigs>,
    { settings, databaseName }: { settings: Settings; databaseName: string },
  ): Promise<Engine> {
    const store = container.get(T.LOCAL_STORE)
    const runtime = container.get(T.RUNTIME)
    const place = placeOf(store, { databaseName, random: runtime.randomHex(16) })
    const channel = runtime.openChannel(place)
    const told = holdEvents()
    try {
      await store.open(databaseName, told.events)
    } catch (error) {
      channel.close()
      throw error
    }
    try {
      const storage = await bindStorage(container, { settings, channel, user: options.user ?? null })
      const engine = new Engine({ container, storage, channel, settings, options, place })
      told.release({
        onLost: (error) => engine.#onStoreError(error),
        onDropped: ({ at }) => engine.#onDropped(at),
      })
      engine.#leadership.join()
      return engine
    } catch (error) {
      channel.close()
      await store.close()
      throw error
    }
  }

  /** Runs a command where it can be executed: here, or in the tab that leads. */
  call(method: 'now' | 'optimize' | 'retry' | 'discard' | 'resolve', args: unknown): Promise<unknown> {
    this.assertOpen()
    return this.#calls.call(method, args)
  }

  assertOpen(): void {
    if (this.#isClosed) {
      throw new HoldfastError(
        'closed',
        'This database was closed. Nothing was read or written. Open it again with createHoldfast.',
      )
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#maintenance.stop()
    this.sync.close()
    this.#leadership.leave()
    await this.storage.close()
    await this.container.get(T.LANE)(async () => undefined)
    this.#calls.close()
    this.#channel.close()
    await this.container.get(T.LOCAL_STORE).close()
    if (this.sync.hasRemote) await this.container.get(T.REMOTE_STORE).close?.()
    this.#status.set({ state: 'closed' })
  }

  async #execute(method: string, args: unknown): Promise<unknown> {
    const ref = args as DocumentRef
    if (method === 'now') return this.#syncNow()
    if (method === 'optimize') return this.#maintenance.run()
    const parts = {
      storage: this.storage,
      inLane: this.container.get(T.LANE),
      stamp: stampWith(this.container),
      maxBytesOf: (collection: string) => this.#settings.maxBytesOf(collection),
    }
    if (method === 'retry') await retryFailed(parts, ref)
    else if (method === 'discard') await discard(parts, ref)
    else if (method === 'resolve') await resolveConflict(parts, args as Parameters<typeof resolveConflict>[1])
    this.#onWrite()
  }

  async #syncNow(): Promise<void> {
    await this.#maintenance.settleLocal()
    await this.sync.now()
  }

  #localEntries() {
    const { storage } = this
    return localEntries({
      tables: storage.tables,
      replica: storage.manifest.replica,
      isUnconfirmed: (id) => storage.isUnconfirmed(id),
      isLocalOnly: (collection) => this.#settings.isLocalOnly(collection),
      isWaiting: () => false,
    })
  }

  #onWrite(): void {
    if (!this.storage.isLeader) return
    this.sync.onWrite()
    if (this.#settings.syncedNames.length < this.#settings.names.length) this.#maintenance.request()
  }

  async #lead(): Promise<void> {
    await this.storage.lead()
    await this.container.get(T.LANE)(() => this.#adoptCollections())
    this.#calls.retry()
    this.#maintenance.request()
    this.sync.onLead()
  }

  async #adoptCollections(): Promise<void> {
    const { state } = this.storage
    const begun = begunCollections(state, this.#settings).flatMap((collection) =>
      Array.from(state.tables.ids(collection), (id) => ({ collection, id })),
    )
    const release = await this.storage.hold(begun)
    try {
      const plan = adoptCollections(state, { settings: this.#settings, stamp: stampWith(this.container) })
      if (plan !== null) await this.storage.commit(plan)
    } finally {
      release()
    }
  }

  #stopLeading(): void {
    this.storage.fence.drop()
    this.sync.onStopLeading()
  }

  async #refreshAuth(): Promise<boolean> {
    if (this.#options.refreshAuth === undefined) return false
    try {
      await this.#options.refreshAuth()
      return true
    } catch (cause) {
      throw new HoldfastError(
        'auth',
        'The credentials were refused, and refreshing them failed. Nothing is lost; sync waits. Sign in again, then call sync.now().',
        { cause },
      )
    }
  }

  #onDropped(at: number): void {
    if (this.#isClosed) return
    this.container.get(T.LOGGER).warn('local database dropped by the platform', { at })
    this.#status.setDropped(at)
  }

  #onStoreError(error: unknown): void {
    if (this.#isClosed) return
    this.container.get(T.LOGGER).warn('local database', { error: String(error) })
    if (!isHoldfastError(error, 'store_lost') && !isHoldfastError(error, 'store_closed')) return
    this.#stopLeading()
    this.#leadership.leave()
    this.#status.set({ state: 'lost', error: { code: error.code, message: error.message } })
  }
}

/** Names the lock and the channel of a database: the same for all who share it, and for nobody else. */
function placeOf({ capabilities }: LocalStore, of: { databaseName: string; random: string }): string {
  const { sharedBetweenTabs, scope = 'store' } = capabilities
  return `holdfast/${sharedBetweenTabs ? scope : of.random}/${of.databaseName}`
}
