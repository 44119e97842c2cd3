import { HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Breaker } from './breaker.ts'
import type { SchedulePolicy } from './policy.ts'
import { SingleFlight } from './single-flight.ts'

export type Cause = 'start' | 'write' | 'poke' | 'interval' | 'reconnect' | 'visible' | 'retry' | 'leader'

export interface Lanes {
  /** Pushes until the queue is dry. */
  push(signal: AbortSignal): Promise<void>
  /** Pulls to the end of the feed. */
  pull(signal: AbortSignal): Promise<void>
  /** True if something could be pushed now. */
  hasPushable(): boolean
  /** Asks the application for fresh credentials; false if it gave no way to. */
  refreshAuth(): Promise<boolean>
}

export interface SchedulerEvents {
  onRound(begun: { at: number }): void
  onRoundEnded(result: { at: number; ms: number; error: HoldfastError | null }): void
  onNext(at: number | null): void
  /** There is no network, so nothing is asked for until it is back. */
  onOffline(): void
}

/**
 * Decides when rounds run. A round pushes and pulls side by side, and pushes what is
 * written while it pulls; it can be resumed at any point, so any number of causes may ask for one.
 */
export class Scheduler {
  readonly #runtime: Runtime
  readonly #policy: SchedulePolicy
  readonly #breaker: Breaker
  readonly #lanes: Lanes
  readonly #events: SchedulerEvents
  readonly #round: SingleFlight
  #stopWatching: (() => void)[] = []
  #cancelTimer = () => {}
  #timerAt = Number.POSITIVE_INFINITY
  #abort = new AbortController()
  #isStarted = false
  /** A local write asks for a push alone; everything else also for a pull. */
  #wantsPull = false
  #wantsPush = false
  /** Monotonic time; intervals count from here, however many pushes come in between. */
  #lastPullAt = Number.NEGATIVE_INFINITY
  /** Makes the round under way push once more before it ends. */
  #pushSooner: (() => void) | null = null
  /** Paused until someone acts: the remote refused the credentials, or moved. */
  #pausedBy: HoldfastError | null = null

  constructor(parts: {
    runtime: Runtime
    policy: SchedulePolicy
    breaker: Breaker
    lanes: Lanes
    events: SchedulerEvents
  }) {
    this.#runtime = parts.runtime
    this.#policy = parts.policy
    this.#breaker = parts.breaker
    this.#lanes = parts.lanes
    this.#events = parts.events
    this.#round = new SingleFlight(() => this.#runRound())
  }

  get isStarted(): boolean {
    return this.#isStarted
  }

  get isRunning(): boolean {
    return this.#round.isRunning
  }

  get pausedBy(): HoldfastError | null {
    return this.#pausedBy
  }

  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#pausedBy = null
    const { connectivity, visibility, lowBattery } = this.#runtime
    this.#stopWatching = [
      connectivity.subscribe(() => this.#onConnectivity()),
      visibility.subscribe(() => this.request(visibility.get() ? 'visible' : 'interval')),
      lowBattery.subscribe(() => this.#scheduleInterval()),
    ]
    if (connectivity.get()) this.request('start')
    else this.#events.onOffline()
  }

  /** Stops by itself asking for rounds, and cancels the one under way. */
  stop(): void {
    this.#isStarted = false
    for (const stop of this.#stopWatching) stop()
    this.#stopWatching = []
    this.#clearTimer()
    this.#abort.abort()
    this.#abort = new AbortController()
  }

  /** Asks for a round soon. Does nothing while stopped. */
  request(cause: Cause): void {
    if (!this.#isStarted || this.#pausedBy !== null || !this.#runtime.connectivity.get()) return
    if (cause === 'write') this.#wantsPush = true
    else if (cause !== 'interval') this.#wantsPull = true
    if (cause === 'reconnect' || cause === 'visible') this.#breaker.tryNow()
    if (cause === 'interval') this.#scheduleInterval()
    else this.#schedule(Math.max(this.#breaker.wait, cause === 'write' ? this.#policy.debounce : 0))
  }

  /** What could not be pushed as the round under way began can be now. */
  pushAgain(): void {
    this.#pushSooner?.()
  }

  /** Runs a round now, whatever the backoff, and rejects with what stopped it. */
  async now(): Promise<void> {
    this.#pausedBy = null
    this.#wantsPull = true
    this.#breaker.tryNow()
    await this.#round.trigger()
  }

  async #runRound(): Promise<void> {
    this.#clearTimer()
    const started = this.#runtime.monotonic()
    this.#events.onRound({ at: this.#runtime.now() })
    let failure: HoldfastError | null = null
    const pulls = this.#wantsPull
    this.#wantsPull = false
    this.#wantsPush = false
    try {
      await this.#attempt(pulls, this.#abort.signal)
      this.#breaker.succeeded()
      if (pulls) this.#lastPullAt = this.#runtime.monotonic()
    } catch (error) {
      failure = typed(error)
      this.#wantsPull ||= pulls
      this.#wantsPush = true
      this.#onFailure(failure)
      throw failure
    } finally {
      this.#events.onRoundEnded({
        at: this.#runtime.now(),
        ms: this.#runtime.monotonic() - started,
        error: failure,
      })
      if (this.#isStarted && this.#pausedBy === null) {
        if (failure === null) this.#schedule(this.#untilPull)
        else this.#schedule(this.#breaker.wait)
      }
    }
  }

  async #attempt(pulls: boolean, signal: AbortSignal): Promise<void> {
    try {
      await this.#pushAndPull(pulls, signal)
    } catch (error) {
      if (!isHoldfastError(error, 'auth') || !(await this.#lanes.refreshAuth())) throw error
      await this.#pushAndPull(pulls, signal)
    }
  }

  async #pushAndPull(pulls: boolean, signal: AbortSignal): Promise<void> {
    const probes = this.#breaker.isOpen
    if (probes) await this.#lanes.pull(signal)
    const pulling = pulls && !probes ? this.#lanes.pull(signal) : Promise.resolve()
    const results = await Promise.allSettled([pulling, this.#pushDuring(pulling, signal)])
    for (const result of results) if (result.status === 'rejected') throw result.reason
    if (this.#lanes.hasPushable()) await this.#lanes.push(signal)
  }

  /** Pushes, and again whenever that is asked for before the pull has ended: it can take long. */
  async #pushDuring(pulling: Promise<void>, signal: AbortSignal): Promise<void> {
    let isOver = false
    const over = pulling
      .catch(() => undefined)
      .then(() => {
        isOver = true
      })
    try {
      do {
        const asked = Promise.withResolvers<void>()
        this.#pushSooner = asked.resolve
        await this.#lanes.push(signal)
        await Promise.race([asked.promise, over])
      } while (!isOver)
    } finally {
      this.#pushSooner = null
    }
  }

  #onFailure(error: HoldfastError): void {
    if (isHoldfastError(error, 'aborted')) return
    if (isHoldfastError(error, 'auth') || isHoldfastError(error, 'moved')) this.#pausedBy = error
    else this.#breaker.failed(error)
  }

  #onConnectivity(): void {
    if (this.#runtime.connectivity.get()) {
      this.request('reconnect')
      return
    }
    this.#clearTimer()
    this.#events.onOffline()
  }

  /** The interval changed. A round that is due for another reason stays due. */
  #scheduleInterval(): void {
    if (!this.#wantsPull && !this.#wantsPush) this.#clearTimer()
    this.#schedule(this.#untilPull)
  }

  get #untilPull(): number {
    return Math.max(0, this.#lastPullAt + this.#interval - this.#runtime.monotonic())
  }

  get #interval(): number {
    const { activeInterval, backgroundInterval, lowBatteryInterval } = this.#policy
    const { lowBattery, visibility } = this.#runtime
    if (lowBattery.get()) return lowBatteryInterval
    return visibility.get() ? activeInterval : backgroundInterval
  }

  /** Keeps the earlier of this and what is scheduled already. */
  #schedule(delay: number): void {
    const at = this.#runtime.monotonic() + delay
    if (at >= this.#timerAt || !this.#isStarted) return
    this.#clearTimer()
    this.#timerAt = at
    this.#events.onNext(this.#runtime.now() + delay)
    this.#cancelTimer = this.#runtime.setTimer(delay, () => {
      this.#timerAt = Number.POSITIVE_INFINITY
      this.#onTimer()
    })
  }

  #onTimer(): void {
    if (!this.#runtime.connectivity.get()) return
    if (this.#breaker.wait > 0) {
      this.#schedule(this.#breaker.wait)
      return
    }
    if (this.#wantsPush && this.#pushSooner !== null) {
      this.#wantsPush = false
      this.#pushSooner()
      if (!this.#wantsPull) return
    }
    // A timer may be early by a fraction of a millisecond.
    if (this.#untilPull < 1) this.#wantsPull = true
    this.#round.trigger().catch(() => undefined)
  }

  #clearTimer(): void {
    this.#cancelTimer()
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#events.onNext(null)
  }
}

/** A failure that nobody named is one of the local side: the remote's are named by the transport. */
function typed(error: unknown): HoldfastError {
  if (isHoldfastError(error)) return error
  return new HoldfastError(
    'store_failed',
    'A sync round failed here, in a way that nothing named. Nothing is lost; it is tried again. See cause.',
    { cause: error, retryable: true },
  )
}
