import type { Channel, Runtime } from '../runtime/runtime.ts'

export interface LeadershipEvents {
  /** The lock is held: take the fence, then sync. Rejects if that failed. */
  onLead(): Promise<void>
  /** False once a commit met another tab's fence. */
  holdsFence(): boolean
  /** Another tab took over, or this one stops: no more commits. */
  onStop(): void
  onError(error: unknown): void
}

const BEAT_MS = 5000
/** A leader that was not heard of for as long is taken to be frozen. */
const SILENCE_MS = 15_000

/**
 * One leader among the tabs of a database: whoever holds a lock. The leader beats on the channel;
 * one that falls silent while it holds the lock is frozen, and the lock is stolen. The fence in
 * the manifest, not the lock, keeps its late commits out.
 */
export class Leadership {
  readonly #runtime: Runtime
  readonly #channel: Channel
  readonly #lock: string
  readonly #events: LeadershipEvents
  readonly #closing = new AbortController()
  /** Two tabs that steal at once may take the fence in the other order: who holds the lock asks for it anew. */
  #lostFence = new AbortController()
  #cancelTimer = () => {}
  #lastBeat: number
  #lastCheck: number
  #isLeader = false

  constructor(parts: { runtime: Runtime; channel: Channel; lock: string; events: LeadershipEvents }) {
    this.#runtime = parts.runtime
    this.#channel = parts.channel
    this.#lock = parts.lock
    this.#events = parts.events
    this.#lastBeat = parts.runtime.monotonic()
    this.#lastCheck = this.#lastBeat
  }

  get isLeader(): boolean {
    return this.#isLeader
  }

  /** Queues for the lock. Call once. */
  join(): void {
    this.#channel.subscribe((message) => {
      if ((message as { kind?: unknown } | null)?.kind === 'beat') this.#lastBeat = this.#runtime.monotonic()
    })
    this.#acquire(false)
    this.#watch()
  }

  leave(): void {
    this.#cancelTimer()
    this.#closing.abort()
  }

  #acquire(steal: boolean): void {
    const { signal } = this.#closing
    if (signal.aborted) return
    this.#runtime.locks
      .request(this.#lock, steal ? { steal } : { signal }, (stolen) => this.#hold(stolen))
      .catch((error: unknown) => {
        if (!signal.aborted) this.#events.onError(error)
      })
  }

  async #hold(stolen: AbortSignal): Promise<void> {
    if (this.#isLeader || this.#closing.signal.aborted) return
    try {
      await this.#events.onLead()
      this.#isLeader = true
      this.#channel.post({ kind: 'beat' })
      this.#lostFence = new AbortController()
      await firstFired([stolen, this.#closing.signal, this.#lostFence.signal])
    } finally {
      this.#isLeader = false
      this.#lastBeat = this.#runtime.monotonic()
      this.#events.onStop()
    }
    this.#acquire(false)
  }

  /** Beats, as the leader; watches for silence, as anyone else. A check that comes late proves only that this tab slept. */
  #watch(): void {
    this.#cancelTimer = this.#runtime.setTimer(BEAT_MS, () => {
      const now = this.#runtime.monotonic()
      const hasSlept = now - this.#lastCheck > 2 * BEAT_MS
      this.#lastCheck = now
      if (this.#isLeader && !this.#events.holdsFence()) this.#lostFence.abort()
      else if (this.#isLeader) this.#channel.post({ kind: 'beat' })
      else if (hasSlept) this.#lastBeat = now
      else if (now - this.#lastBeat > SILENCE_MS) {
        this.#lastBeat = now
        this.#acquire(true)
      }
      this.#watch()
    })
  }
}

/** Resolves when one of them fires. Not by `AbortSignal.any`: Node keeps what it returns for as long as none does. */
function firstFired(signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      for (const signal of signals) signal.removeEventListener('abort', end)
      resolve()
    }
    if (signals.some(({ aborted }) => aborted)) resolve()
    else for (const signal of signals) signal.addEventListener('abort', end)
  })
}
