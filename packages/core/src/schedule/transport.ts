import PQueue from 'p-queue'
import { HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { SchedulePolicy } from './policy.ts'

/** Requests of push and pull that may be under way at once. */
const CONCURRENCY = 2
/** Requests whose duration is remembered. */
const SAMPLES = 20
/** The timeout is this many times the slowest of them. */
const PATIENCE = 4

/**
 * Carries requests to a remote: at most two at once, each with a timeout that follows what was
 * measured. A request that does not settle when told to is given up on, so that no round can hang.
 */
export class Transport {
  requests = 0
  readonly #runtime: Pick<Runtime, 'monotonic' | 'setTimer'>
  readonly #policy: SchedulePolicy
  readonly #queue = new PQueue({ concurrency: CONCURRENCY })
  readonly #durations: number[] = []

  constructor(runtime: Pick<Runtime, 'monotonic' | 'setTimer'>, policy: SchedulePolicy) {
    this.#runtime = runtime
    this.#policy = policy
  }

  /** Rejects with a HoldfastError: the remote's own, `timeout`, `aborted`, or `protocol` for anything untyped. */
  async call<T>(request: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    return (await this.#queue.add(() => this.#callNow(request, signal))) as T
  }

  /**
   * Resolves when a request that was made just now has left. It takes a turn of the event loop to do
   * so, and the work on an answer, which follows at once otherwise, would keep it for all its length.
   */
  departed(): Promise<void> {
    return new Promise((resolve) => {
      this.#runtime.setTimer(0, resolve)
    })
  }

  get timeout(): number {
    const { minTimeout, maxTimeout } = this.#policy
    if (this.#durations.length === 0) return Math.min(maxTimeout, minTimeout * 3)
    return Math.min(maxTimeout, Math.max(minTimeout, PATIENCE * Math.max(...this.#durations)))
  }

  async #callNow<T>(request: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const started = this.#runtime.monotonic()
    const timeout = this.timeout
    const given = new AbortController()
    this.requests++
    let onAbort = () => {}
    let cancelTimer = () => {}
    const ended = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(aborted())
      signal.addEventListener('abort', onAbort)
      cancelTimer = this.#runtime.setTimer(timeout, () => reject(timedOut(timeout)))
    })
    try {
      if (signal.aborted) throw aborted()
      const result = await Promise.race([request(given.signal), ended])
      this.#remember(this.#runtime.monotonic() - started)
      return result
    } catch (error) {
      given.abort()
      if (isHoldfastError(error, 'timeout')) this.#remember(timeout)
      throw typed(error)
    } finally {
      cancelTimer()
      signal.removeEventListener('abort', onAbort)
    }
  }

  #remember(ms: number): void {
    this.#durations.push(ms)
    if (this.#durations.length > SAMPLES) this.#durations.shift()
  }
}

function typed(error: unknown): HoldfastError {
  if (isHoldfastError(error)) return error
  return new HoldfastError(
    'protocol',
    'The remote failed in a way that its adapter did not name. Nothing is lost; it is tried again.',
    {
      cause: error,
      retryable: true,
    },
  )
}

function aborted(): HoldfastError {
  return new HoldfastError(
    'aborted',
    'The request was cancelled. Nothing is lost; what was pending still is.',
  )
}

function timedOut(ms: number): HoldfastError {
  return new HoldfastError(
    'timeout',
    `The remote did not answer within ${Math.round(ms)} ms. Nothing is lost; it is tried again.`,
    {
      retryable: true,
      details: { ms },
    },
  )
}
