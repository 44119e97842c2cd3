import type { Durability, LocalStore } from '../contracts/local-store.ts'
import { isHoldfastError } from '../errors/holdfast-error.ts'
import type { Hlc, LocatedVersion } from '../model/document.ts'
import type { Mutation } from '../model/mutation.ts'
import type { Channel } from '../runtime/runtime.ts'
import { beginDatabase } from './begin.ts'
import { type CommitPlan, encodeCommit } from './commit.ts'
import { takeFence } from './fence.ts'
import { Inbox } from './inbox.ts'
import { LEDGER, ledgerKey, MANIFEST_KEY } from './keys.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { hasValues, loadSnapshot, readManifest } from './load.ts'
import { LocalState } from './local-state.ts'
import { type LogRecord, LogWriter } from './log-writer.ts'
import { decodeManifest, encodeManifest, type Manifest } from './manifest.ts'
import { type Located, PageCache, type Release } from './page-cache.ts'
import { closed, lost, notLeading, wrongUser } from './refusals.ts'
import type { Project } from './row.ts'
import {
  commitMessage,
  isTabMessage,
  locatedInLedger,
  type ReadMessage,
  readMessage,
} from './tab-messages.ts'
import type { Tables } from './tables.ts'

export interface StorageOptions {
  /** Open already. */
  readonly store: LocalStore
  /** Random, 16 hex digits, new for each open. */
  readonly writer: string
  /** Becomes the replica's id if the database is new. */
  readonly newReplica: string
  readonly user: string | null
  readonly project: Project
  /** Reaches the other tabs that have this database open. */
  readonly channel: Channel
  /** The clock's latest reading, persisted with each manifest. */
  readonly clock: () => Hlc
  /** Told whose database it is, before any timestamp of it. */
  readonly onReplica: (replica: string) => void
  /** Told of each timestamp met, so that the clock stays ahead of what is stored. */
  readonly onHlc: (hlc: Hlc) => void
  /** Told of what this tab or another has committed, when it is durable and shown. */
  readonly onLedger: (entries: readonly LedgerEntry[]) => void
  /** A failure that no caller is there to be told of. */
  readonly onError: (error: unknown) => void
}

/**
 * One tab's storage: the rows in memory, the log that this tab appends to, and, for the leader,
 * commits of what was learnt from the remote.
 *
 * Guarantees: `append` shows its mutations at once and resolves when they are durable; `commit`
 * is all or nothing, fenced by the exact manifest, and shows only what is durable; what other
 * tabs commit is taken over in their order, and read again from the store if a message was missed.
 */
export class Storage {
  readonly state: LocalState
  readonly #options: StorageOptions
  readonly #log: LogWriter
  readonly #unconfirmed = new Map<string, Mutation>()
  readonly #stopListening: () => void
  readonly #cache: PageCache
  readonly #inbox: Inbox
  #reloading: Promise<void> | null = null
  #isLeader = false
  #isClosed = false

  private constructor(options: StorageOptions, manifestText: string) {
    this.#options = options
    const { project, onHlc, onLedger } = options
    this.state = new LocalState({ project, onHlc, onLedger, manifestText })
    this.#cache = new PageCache({
      tables: this.tables,
      store: options.store,
      manifest: () => this.manifest,
      catchUp: () => this.#reloadAfresh(),
    })
    this.#inbox = new Inbox({
      hold: (located) => this.hold(located),
      take: (message) => this.#take(message),
      isBusy: () => this.#reloading !== null,
      onError: (error) => {
        options.onError(error)
        this.#reloadAside()
      },
    })
    this.#log = new LogWriter(options.store, options.writer, (records) => this.#afterAppend(records))
    this.#stopListening = options.channel.subscribe((message) => {
      if (isTabMessage(message) && !this.#isClosed) this.#inbox.deliver(() => readMessage(message))
    })
  }

  /** Reads the whole database, or begins a new one. `store_corrupt`, `wrong_user`. */
  static async open(options: StorageOptions): Promise<Storage> {
    const text = (await readManifest(options.store)) ?? (await beginDatabase(options))
    const { user, replica } = decodeManifest(text)
    if (user !== options.user) throw wrongUser()
    options.onReplica(replica)
    const storage = new Storage(options, text)
    try {
      await storage.reload()
    } catch (error) {
      storage.#stopListening()
      throw error
    }
    return storage
  }

  get tables(): Tables {
    return this.state.tables
  }

  get manifest(): Manifest {
    return this.state.manifest
  }

  get isLeader(): boolean {
    return this.#isLeader
  }

  /** Shows the mutations, then makes them durable; a failure takes them back and rejects. */
  async append(mutations: readonly Mutation[], durability: Durability): Promise<void> {
    this.#assertOpen()
    for (const mutation of mutations) this.#unconfirmed.set(mutation.id, mutation)
    this.tables.change(() => {
      for (const mutation of mutations) this.tables.addMutation(mutation)
    })
    try {
      await this.#log.append(mutations, durability)
    } catch (error) {
      this.#takeBack(mutations)
      throw error
    } finally {
      for (const { id } of mutations) this.#unconfirmed.delete(id)
    }
  }

  #takeBack(mutations: readonly Mutation[]): void {
    this.tables.change(() => {
      for (const { collection, documentId, id } of mutations) {
        this.tables.removeMutations(collection, documentId, new Set([id]))
      }
    })
  }

  /** True until the mutation is durable: it must not be sent before. */
  isUnconfirmed(mutationId: string): boolean {
    return this.#unconfirmed.has(mutationId)
  }

  #afterAppend(records: readonly LogRecord[]): void {
    this.#inbox.deliver(() => ({ kind: 'log', records }))
    this.#options.channel.post({
      kind: 'log',
      records: records.map(({ writer, seq, text }) => ({ writer, seq, text })),
    })
  }

  /**
   * Takes over from the leader before: from here on, its commits fail. What it committed last is
   * read after that, so nothing is missed. Only the holder of the leader's lock may call it.
   */
  async lead(): Promise<void> {
    this.#assertOpen()
    const before = this.state.manifestText
    const taken = await takeFence(this.#options.store)
    const [newer] = await this.#options.store.scan({
      from: ledgerKey(this.state.nextNo),
      to: LEDGER.to,
      limit: 1,
    })
    const isCurrent = taken.text === before && before === this.state.manifestText && newer === undefined
    if (isCurrent) this.state.adopt(taken.next, encodeManifest(taken.next))
    else await this.#reloadAfresh()
    // The walk begins anew in this tab, which does not know what the leader before had met.
    for (const collection of this.state.manifest.reconciling) this.state.beginReconciliation(collection)
    this.#isLeader = true
  }

  stepDown(): void {
    this.#isLeader = false
  }

  /**
   * Commits what the leader learnt. One at a time. `store_conflict`: another tab leads now, and
   * nothing was changed.
   */
  async commit(planned: CommitPlan): Promise<void> {
    this.#assertOpen()
    if (!this.#isLeader) throw notLeading()
    const plan = { ...planned, ledger: (planned.ledger ?? []).map((entry) => this.#withReach(entry)) }
    const holding = this.hold([...(plan.versions ?? []), ...locatedInLedger(plan.ledger)])
    const release = holding instanceof Promise ? await holding : holding
    try {
      await this.#commitHeld(plan)
    } finally {
      release()
    }
  }

  async #commitHeld(plan: CommitPlan): Promise<void> {
    const { manifest, manifestText, nextNo } = this.state
    const encoded = encodeCommit(plan, { manifest, manifestText, nextNo, hlc: this.#options.clock() })
    try {
      await this.#options.store.write(encoded.batch, { expect: { key: MANIFEST_KEY, value: manifestText } })
    } catch (error) {
      if (isHoldfastError(error, 'store_conflict')) this.#isLeader = false
      throw error
    }
    this.state.applyCommit(plan, encoded, this.#cache)
    this.#options.channel.post(commitMessage(plan, encoded, { text: manifestText, nextNo }))
  }

  #withReach(entry: LedgerEntry): LedgerEntry {
    if (entry.kind !== 'stands') return entry
    const upTo = this.tables.get(entry.collection, entry.documentId)?.pending?.mutations.at(-1)?.id
    return upTo === undefined ? entry : { ...entry, upTo }
  }

  /**
   * Keeps documents in memory until the result is called; a promise where they have to be read
   * first. What is not held may be on disk only, in a large database.
   */
  hold(located: readonly Located[]): Release | Promise<Release> {
    return this.#cache.hold(located)
  }

  /** True if every document is in memory. */
  get isAtHand(): boolean {
    return !this.#cache.isOn
  }

  /** The latest version of each document in a page that the manifest names. */
  readPage(no: number): Promise<LocatedVersion[]> {
    return this.#cache.readPage(no)
  }

  #take(message: ReadMessage): void {
    const taken =
      message.kind === 'log' ? this.state.takeLog(message) : this.state.takeCommit(message, this.#cache)
    if (taken === 'gap') this.#reloadAside()
  }

  #reloadAside(): void {
    this.reload().catch(this.#options.onError)
  }

  /** Reads everything again and tells observers so; messages that come meanwhile wait. */
  reload(): Promise<void> {
    this.#reloading ??= this.#load().finally(() => {
      this.#reloading = null
      this.#inbox.takeWaiting()
    })
    return this.#reloading
  }

  /** A reload that begins now, not one that was under way. */
  async #reloadAfresh(): Promise<void> {
    await this.#reloading?.catch(() => undefined)
    await this.reload()
  }

  async #load(): Promise<void> {
    // What is not durable yet is held by whoever wrote it.
    const wanted = () => this.#cache.held
    for (;;) {
      const snapshot = await loadSnapshot(this.#options.store, wanted)
      if (snapshot === null) throw lost()
      if (!hasValues(snapshot, wanted)) continue
      return this.state.fill(snapshot, this.#unconfirmed.values(), this.#cache)
    }
  }

  /** Resolves when every append that was issued has ended. */
  drained(): Promise<void> {
    return this.#log.drained()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isLeader = false
    this.#stopListening()
    await this.#log.drained()
  }

  #assertOpen(): void {
    if (this.#isClosed) throw closed()
  }
}
