import { HoldfastError } from '../errors/holdfast-error.ts'
import type { ReadableStore } from '../observe/store.ts'
import type { RefusedChange } from '../storage/manifest.ts'
import type { Draft } from '../write/draft.ts'
import type { DurabilityOptions, UpdateOptions } from '../write/writer.ts'
import { checkOptions, databaseNameOf } from './check-options.ts'
import {
  type Collection,
  type Insertable,
  type OpenCollection,
  openCollection,
  type Patch,
  type Removable,
} from './collection.ts'
import type { DocumentOf, InputOf } from './collection-options.ts'
import {
  type ConflictAnswer,
  type DocumentRef,
  type FailedDocument,
  listConflicts,
  listFailed,
  type OpenConflict,
} from './commands.ts'
import { createContainer } from './compose.ts'
import { Engine } from './engine.ts'
import type { CollectionConfigs, HoldfastOptions } from './options.ts'
import { Settings } from './settings.ts'
import type { SettledConflict } from './settled-conflicts.ts'
import type { SyncMetrics, SyncStatus } from './status-board.ts'
import * as T from './tokens.ts'

/** What `transact` gives: the same writes, drafted, and reads that see them. */
export interface TransactionCollection<
  T extends { readonly id: string },
  I extends { readonly id: string } = T,
> {
  get(id: string): Promise<T | undefined>
  insert(document: Insertable<I>): Promise<T>
  put(document: I): Promise<T>
  update(id: string, patch: Patch<T>, options?: { readonly unset?: readonly Removable<T>[] }): Promise<T>
  delete(id: string): Promise<boolean>
}

export type Transaction<C extends CollectionConfigs> = {
  readonly [K in keyof C]: TransactionCollection<DocumentOf<C[K]>, InputOf<C[K]>>
}

export interface Sync {
  /** Syncs by itself from now on: after writes, pokes and reconnects, and at intervals. */
  start(): void
  stop(): void
  /** One round now, in whichever tab leads; rejects with what stopped it. Nothing is lost by a failure. */
  now(): Promise<void>
  readonly status: ReadableStore<SyncStatus>
  /** Of this tab; meaningful in the one that leads. */
  metrics(): SyncMetrics
  /** The latest changes from the remote that were malformed or unsafe: the documents stayed as they were. */
  refused(): readonly RefusedChange[]
  /** Folds and compacts the local database now, instead of in idle time. */
  optimize(): Promise<void>
}

export interface HoldfastBase<C extends CollectionConfigs> {
  readonly sync: Sync
  /** Documents that the remote refused for good. They stay as the user left them until someone decides; a new write tries again by itself. */
  readonly failed: {
    list(): FailedDocument[]
    retry(ref: DocumentRef): Promise<void>
    discard(ref: DocumentRef): Promise<void>
  }
  readonly conflicts: {
    /** Conflicts that a person must settle. */
    list(): OpenConflict[]
    /** With a document of one's own (`value`, null deletes), or by one side (`take`) where both changed the same. */
    resolve(ref: DocumentRef & ConflictAnswer): Promise<void>
    /**
     * Calls `listener` for each conflict that was settled, with the decisions, field by field, once
     * the result stands: on the replica whose change met the conflict, in the tab that syncs and in
     * those that follow it. Not kept: what is settled while nobody listens, or while a tab reads its
     * database again, is not told later. Returns how to stop.
     */
    onSettled(listener: (conflict: SettledConflict) => void): () => void
  }
  /** The drafted writes take effect at once when `work` resolves, or not at all; one group at remotes that have groups. */
  transact<R>(work: (tx: Transaction<C>) => Promise<R>, options?: DurabilityOptions): Promise<R>
  collection<K extends keyof C & string>(name: K): Collection<DocumentOf<C[K]>, InputOf<C[K]>>
  /** Ends sync, waits for writes under way, and releases the database. */
  close(): Promise<void>
  /** Closes, and deletes the local database. `unsynced_writes` if something was not synced, unless told so. */
  destroy(options?: { readonly dropUnsynced?: boolean }): Promise<void>
}

export type Holdfast<C extends CollectionConfigs> = HoldfastBase<C> & {
  readonly [K in keyof C]: Collection<DocumentOf<C[K]>, InputOf<C[K]>>
}

/**
 * Opens the local database, or creates it, and gives its collections. Syncs only after
 * `sync.start()` or `sync.now()`.
 *
 * Throws `invalid_options`, `unsupported_durability`, `unsupported_spec`, `store_unavailable`,
 * `store_locked`, `store_corrupt`, `wrong_key`, `wrong_user`; then nothing was changed.
 */
export async function createHoldfast<const C extends CollectionConfigs>(
  options: HoldfastOptions<C>,
): Promise<Holdfast<C>> {
  checkOptions(options)
  const container = createContainer(options)
  const settings = new Settings(options.collections, container.get(T.DEFAULT_STRATEGY))
  const databaseName = databaseNameOf(options)
  const engine = await Engine.open(container, options, { settings, databaseName })
  return bindDatabase<C>(engine, { settings, databaseName })
}

function bindDatabase<C extends CollectionConfigs>(
  engine: Engine,
  { settings, databaseName }: { settings: Settings; databaseName: string },
): Holdfast<C> {
  const { container, storage } = engine
  const writer = container.get(T.WRITER)
  const logger = container.get(T.LOGGER)
  const collections: Record<string, OpenCollection<{ readonly id: string }>> = {}
  for (const name of settings.names) {
    collections[name] = openCollection(name, {
      storage,
      writer,
      settings,
      assertOpen: () => engine.assertOpen(),
      onListenerError: (error) => logger.warn('listener failed', { error: String(error) }),
    })
  }
  const status = container.get(T.STATUS)
  const base: HoldfastBase<C> = {
    sync: {
      start: () => engine.sync.start(),
      stop: () => engine.sync.stop(),
      now: async () => void (await engine.call('now', null)),
      status: status.status,
      metrics: () => status.metrics(engine.sync.hasRemote ? container.get(T.TRANSPORT).requests : 0),
      refused: () => storage.manifest.refused,
      optimize: async () => void (await engine.call('optimize', null)),
    },
    failed: {
      list: () => listFailed(storage),
      retry: async (ref) => void (await engine.call('retry', ref)),
      discard: async (ref) => void (await engine.call('discard', ref)),
    },
    conflicts: {
      list: () => listConflicts(storage),
      resolve: async (ref) => void (await engine.call('resolve', ref)),
      onSettled: (listener) => container.get(T.SETTLED_CONFLICTS).add(listener),
    },
    async transact(work, options) {
      engine.assertOpen()
      return writer.transact((draft) => work(transactionOn<C>(draft, settings.names)), options)
    },
    collection: (name) => {
      settings.configOf(name)
      return collections[name] as unknown as Collection<DocumentOf<C[typeof name]>, InputOf<C[typeof name]>>
    },
    async close() {
      for (const open of Object.values(collections)) open.dispose()
      await engine.close()
    },
    async destroy({ dropUnsynced = false } = {}) {
      await storage.ready
      const { pending } = storage.tables.counts
      if (pending > 0 && !dropUnsynced) throw unsynced(pending)
      await base.close()
      await container.get(T.LOCAL_STORE).destroy(databaseName)
    },
  }
  return Object.assign(Object.create(null), collections, base) as Holdfast<C>
}

function transactionOn<C extends CollectionConfigs>(draft: Draft, names: readonly string[]): Transaction<C> {
  const on = (name: string) => ({
    get: (id: string) => draft.get(name, id),
    insert: async (document: object) => draft.insert(name, document),
    put: async (document: object) => draft.put(name, document),
    update: (id: string, patch: object, options: Pick<UpdateOptions, 'unset'> = {}) =>
      draft.update(name, id, { patch, ...options }),
    delete: (id: string) => draft.delete(name, id),
  })
  return Object.fromEntries(names.map((name) => [name, on(name)])) as unknown as Transaction<C>
}

function unsynced(pending: number): HoldfastError {
  return new HoldfastError(
    'unsynced_writes',
    `${pending} writes are not synced yet, and would be lost. Nothing was deleted. Sync first, or pass dropUnsynced: true.`,
    { details: { pending } },
  )
}
