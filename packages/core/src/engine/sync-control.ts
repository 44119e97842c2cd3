import type { ContainerInstance } from 'typedi'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Channel } from '../runtime/runtime.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { LeaderFacts, StatusBoard } from './status-board.ts'
import * as T from './tokens.ts'

/**
 * Runs the scheduler in the tab that leads, as long as some tab wants sync: a tab that wants it
 * and does not lead asks the one that does, again for each leader; the leader tells the others how
 * sync stands.
 */
export class SyncControl {
  readonly #container: ContainerInstance
  readonly #channel: Channel
  readonly #isLeader: () => boolean
  readonly #status: StatusBoard
  readonly #stopWatching: () => void
  #isWanted = false
  #isClosed = false
  #stopPoking = () => {}
  #toldFacts: LeaderFacts | null = null

  constructor(
    container: ContainerInstance,
    { channel, isLeader }: { channel: Channel; isLeader: () => boolean },
  ) {
    this.#container = container
    this.#channel = channel
    this.#isLeader = isLeader
    this.#status = container.get(T.STATUS)
    this.#status.status.subscribe(() => this.#tellFacts())
    this.#stopWatching = container.get(T.RUNTIME).connectivity.subscribe(() => this.#onConnectivity())
    channel.subscribe((message) => this.#onMessage(message))
  }

  get hasRemote(): boolean {
    return this.#container.has(T.REMOTE_STORE)
  }

  /** Throws `invalid_options` without a remote. */
  start(): void {
    this.#assertRemote()
    this.#isWanted = true
    if (this.#isLeader()) this.#run()
    else this.#ask()
  }

  /** This tab does not want sync any more; another may. */
  stop(): void {
    this.#isWanted = false
    this.#rest()
    this.#status.set({ state: 'stopped', nextSyncAt: null })
  }

  /** One round, in this tab, which leads. */
  async now(): Promise<void> {
    this.#assertRemote()
    await this.#scheduler?.now()
  }

  onWrite(): void {
    this.#scheduler?.request('write')
  }

  onLead(): void {
    this.#status.setLeader(true)
    if (this.#isWanted) this.#run()
  }

  onStopLeading(): void {
    this.#rest()
    this.#status.setLeader(false)
  }

  close(): void {
    this.#isClosed = true
    this.#rest()
    this.#stopWatching()
  }

  get #scheduler(): Scheduler | null {
    return this.hasRemote ? this.#container.get(T.SCHEDULER) : null
  }

  #run(): void {
    const scheduler = this.#scheduler
    if (scheduler === null || this.#isClosed || scheduler.isStarted) return
    scheduler.start()
    const remote = this.#container.get(T.REMOTE_STORE)
    this.#stopPoking = remote.subscribe?.(() => scheduler.request('poke')) ?? (() => {})
  }

  #rest(): void {
    this.#stopPoking()
    this.#stopPoking = () => {}
    this.#scheduler?.stop()
  }

  #ask(): void {
    this.#channel.post({ kind: 'ask' })
  }

  #onMessage(message: unknown): void {
    const { kind, facts } = (message ?? {}) as { kind?: unknown; facts?: LeaderFacts }
    if (this.#isLeader()) {
      if (kind !== 'ask') return
      this.#isWanted = true
      this.#run()
    } else if (kind === 'facts' && facts !== undefined) this.#status.set(facts)
    else if (kind === 'beat' && this.#isWanted) this.#ask()
  }

  #onConnectivity(): void {
    if (!this.#isWanted || !this.#isLeader()) return
    const isOnline = this.#container.get(T.RUNTIME).connectivity.get()
    const isPaused = (this.#scheduler?.pausedBy ?? null) !== null
    this.#status.set({ state: !isOnline ? 'offline' : isPaused ? 'paused' : 'idle' })
  }

  #tellFacts(): void {
    const { facts } = this.#status
    if (!this.#isLeader() || this.#isClosed || facts === this.#toldFacts) return
    this.#toldFacts = facts
    this.#channel.post({ kind: 'facts', facts })
  }

  #assertRemote(): void {
    if (this.hasRemote) return
    throw new HoldfastError(
      'invalid_options',
      'This database was opened without a remote, so it cannot sync. What was written is kept.',
    )
  }
}
