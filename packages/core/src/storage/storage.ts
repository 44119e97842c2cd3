import type { Durability } from '../contracts/local-store.ts'
import { isHoldfastError } from '../errors/holdfast-error.ts'
import type { Mutation } from '../model/mutation.ts'
import type { Stamped } from '../model/run.ts'
import { readBegun } from './begin.ts'
import { type CommitPlan, encodeCommit } from './commit.ts'
import { Fence, takeFence } from './fence.ts'
import { pendingIn, readHead, readHeadKeys, readManifest } from './head.ts'
import { Inbox } from './inbox.ts'
import { MANIFEST_KEY } from './keys.ts'
import { LocalState } from './local-state.ts'
import type { Located, Release } from './located.ts'
import { type LogRecord, LogWriter } from './log-writer.ts'
import { decodeManifest, type Manifest } from './manifest.ts'
import { type Hold, PageCache } from './page-cache.ts'
import { isPlaceMessage, Peers, type Place, within } from './peers.ts'
import { withReach } from './reach.ts'
import { Reading } from './reading.ts'
import { closed, lost, wrongUser } from './refusals.ts'
import type { StorageOptions } from './storage-options.ts'
import {
  commitMessage,
  fenceMessage,
  isTabMessage,
  locatedIn,
  locatedInLedger,
  logMessage,
  type ReadMessage,
  readMessage,
  type TabMessage,
} from './tab-messages.ts'
import type { Counts, Tables } from './tables.ts'
import { Unconfirmed } from './unconfirmed.ts'
import { isSamePosition, positionOf, Windows } from './windows.ts'

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
  readonly fence = new Fence(() => this.manifest)
  readonly #options: StorageOptions
  readonly #log: LogWriter
  readonly #unconfirmed = new Unconfirmed()
  readonly #stopListening: () => void
  readonly cache: PageCache
  readonly #inbox: Inbox
  readonly windows: Windows
  readonly #peers: Peers
  readonly #reading: Reading
  #pendingAtOpen = 0
  #commits = 0
  #isClosed = false

  private constructor(options: StorageOptions, manifestText: string) {
    this.#options = options
    const { project, onHlc, onLedger } = options
    this.state = new LocalState({ project, onHlc, onLedger, manifestText })
    this.cache = new PageCache({
      tables: this.tables,
      store: options.store,
      manifest: () => this.manifest,
      ready: () => this.ready,
      catchUp: () => this.#reading.afresh(),
    })
    this.#reading = new Reading({
      store: options.store,
      wanted: () => this.cache.held(),
      commits: () => this.#commits,
      take: (snapshot) => {
        this.windows.forget()
        this.state.fill(snapshot, this.#unconfirmed.mutations(), this.cache)
      },
      onEnd: () => this.#inbox.takeWaiting(),
    })
    this.#inbox = new Inbox({
      hold: (message) => this.hold(locatedIn(message)),
      take: (message) => this.#take(message),
      isBusy: () => this.#reading.isUnderWay,
      onError: (error) => {
        options.onError(error)
        this.reload().catch(options.onError)
      },
    })
    this.windows = new Windows({
      store: options.store,
      runtime: options.runtime,
      isKeeper: () => this.isLeader,
      position: () => (this.#unconfirmed.isEmpty ? { ...this.state.position, hlc: options.clock() } : null),
      nextNo: () => this.state.nextNo,
      onError: options.onError,
    })
    this.tables.subscribe(() => this.windows.changed())
    this.#log = new LogWriter(options.store, options.writer, (records) => this.#afterAppend(records))
    this.#stopListening = options.channel.subscribe((message) => {
      if (this.#isClosed) return
      if (isTabMessage(message)) this.#inbox.deliver(() => readMessage(message))
      else if (isPlaceMessage(message)) {
        this.#peers.heard(message)
        this.#inbox.deliver(() => message)
      }
    })
    this.#peers = new Peers(options.channel, () => this.#place())
  }

  /**
   * Reads the whole database, or begins a new one; where windows of live queries can be shown at
   * once, the pages are read afterwards, and `ready` tells when. `store_corrupt`, `wrong_user`.
   */
  static async open(options: StorageOptions): Promise<Storage> {
    const text = (await readManifest(options.store)) ?? (await readBegun(options)).manifestText
    const { user, replica } = decodeManifest(text)
    if (user !== options.user) throw wrongUser()
    options.onReplica(replica)
    // It listens before the log and the ledger are read: what is told meanwhile waits.
    const storage = new Storage({ ...options, channel: within(replica, options.channel) }, text)
    try {
      await storage.#begin()
    } catch (error) {
      storage.#stopListening()
      throw error
    }
    return storage
  }

  async #begin(): Promise<void> {
    const head = await readHead(this.#options.store)
    if (head === null) throw lost()
    this.#pendingAtOpen = pendingIn(head)
    await this.windows.load(head)
    const reading = this.#reading.begin(head)
    if (this.windows.hasKept) reading.catch(this.#options.onError)
    else await reading
  }

  /** Null once everything was read; rejects with what kept it from being read. */
  get ready(): Promise<void> | null {
    return this.#reading.first
  }

  /** Until everything was read, only what is pending is known. */
  get counts(): Readonly<Counts> {
    return this.ready === null ? this.tables.counts : { pending: this.#pendingAtOpen, failed: 0, frozen: 0 }
  }

  get tables(): Tables {
    return this.state.tables
  }

  get manifest(): Manifest {
    return this.state.manifest
  }

  get isLeader(): boolean {
    return this.fence.isHeld
  }

  /** Shows the mutations, then makes them durable; a failure takes them back and rejects. */
  async append(stamped: Stamped, durability: Durability): Promise<void> {
    this.#assertOpen()
    const { mutations } = stamped
    this.#unconfirmed.add(mutations)
    this.tables.change(() => {
      for (const mutation of mutations) this.tables.addMutation(mutation)
    })
    try {
      await this.#log.append(stamped, durability)
    } catch (error) {
      this.#takeBack(mutations)
      throw error
    } finally {
      this.#unconfirmed.delete(mutations)
    }
  }

  #takeBack(mutations: readonly Mutation[]): void {
    this.tables.change(() => {
      for (const { collection, documentId, id } of mutations) {
        this.tables.removeMutations(collection, documentId, [id])
      }
    })
  }

  /** True until the mutation is durable: it must not be sent before. */
  isUnconfirmed(mutationId: string): boolean {
    return this.#unconfirmed.has(mutationId)
  }

  /** Resolves when everything that was appended is durable, or was taken back. */
  readonly appended = () => this.#log.drained()

  #afterAppend(records: readonly LogRecord[]): void {
    // Where it waits, the rows may be filled meanwhile with what was read before these were written.
    const isShown = this.#inbox.isIdle
    this.#inbox.deliver(() => ({ kind: 'log', records, isShown }))
    // A fold that comes before its turn has to know what is in the log.
    if (!isShown) for (const record of records) this.state.logs.add(record.writer, record)
    this.#tell(() => logMessage(records))
  }

  /**
   * Takes over from the leader before: from here on, its commits fail, and it hears so. What it
   * committed last is read after that: nothing is missed. Only who holds the leader's lock may call it.
   */
  async lead(): Promise<void> {
    await this.ready
    this.#assertOpen()
    const taken = await takeFence(this.#options.store)
    const head = await readHeadKeys(this.#options.store)
    const isKnown = head !== null && isSamePosition(positionOf(head), this.state.position)
    if (isKnown && taken.before === this.state.manifestText) this.state.adopt(taken.next, taken.after)
    else await this.#reading.afresh()
    // The walk begins anew in this tab, which does not know what the leader before had met.
    for (const collection of this.state.manifest.reconciling) this.state.beginReconciliation(collection)
    this.fence.took(taken.next.fence)
    this.#tell(() => fenceMessage(taken, this.state.nextNo))
  }

  /** Commits what the leader learnt, one at a time. `store_conflict`: another tab leads, and nothing was changed. */
  async commit(planned: CommitPlan): Promise<void> {
    this.#assertOpen()
    const fence = this.fence.assertHeld()
    const plan = { ...planned, ledger: (planned.ledger ?? []).map((entry) => withReach(entry, this.tables)) }
    const holding = this.hold([...(plan.versions ?? []), ...locatedInLedger(plan.ledger)])
    const release = holding instanceof Promise ? await holding : holding
    try {
      this.fence.assertHeld(fence)
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
      const isKnown = this.state.manifestText === manifestText
      if (isKnown && isHoldfastError(error, 'store_conflict')) this.fence.drop()
      throw error
    }
    this.#commits++
    this.state.applyCommit(plan, encoded, this.cache)
    this.#tell(() => commitMessage(plan, encoded, { text: manifestText, nextNo }))
  }

  /** See `PageCache.hold`. */
  hold(located: readonly Located[]): Release | Promise<Release> {
    return this.cache.hold(located)
  }

  readonly openHold = (): Hold => this.cache.openHold()

  /** True if every document is in memory. */
  get isAtHand(): boolean {
    return this.ready === null && !this.cache.isOn
  }

  #take(message: ReadMessage): void {
    if (this.state.take(message, this.cache) === 'gap') this.reload().catch(this.#options.onError)
  }

  #tell(make: () => TabMessage): void {
    this.#peers.tell(make, { isLeader: this.isLeader })
  }

  #place(): Place {
    const { manifest, nextNo } = this.state
    return { writer: this.#log.writer, seq: this.#log.lastSeq, generation: manifest.generation, nextNo }
  }

  /** Reads everything again and tells observers so; messages that come meanwhile wait. */
  reload(): Promise<void> {
    return this.#reading.again()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.fence.drop()
    this.#stopListening()
    this.windows.stop()
    await this.#log.drained()
    await this.#reading.ended()
  }

  #assertOpen(): void {
    if (this.#isClosed) throw closed()
  }
}
