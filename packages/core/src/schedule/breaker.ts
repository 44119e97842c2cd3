import { type HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'
import type { SchedulePolicy } from './policy.ts'

/**
 * Circuit breaker and backoff of one remote. Delays are random in [0, min(ceiling, base * 2^n)]
 * ("full jitter", Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015); a wait
 * that the remote asked for is honoured in full. Once open, one round probes while others wait.
 */
export class Breaker {
  readonly #policy: SchedulePolicy
  readonly #monotonic: () => number
  readonly #randomUnit: () => number
  #failures = 0
  #notBefore = 0

  constructor(policy: SchedulePolicy, clock: { monotonic: () => number; randomUnit: () => number }) {
    this.#policy = policy
    this.#monotonic = clock.monotonic
    this.#randomUnit = clock.randomUnit
  }

  get failures(): number {
    return this.#failures
  }

  /** Open: only one request at a time finds out whether the remote is back. */
  get isOpen(): boolean {
    return this.#failures >= this.#policy.breakerThreshold
  }

  /** ms until the next attempt may be made by itself; 0: now. */
  get wait(): number {
    return Math.max(0, this.#notBefore - this.#monotonic())
  }

  succeeded(): void {
    this.#failures = 0
    this.#notBefore = 0
  }

  failed(error: HoldfastError): void {
    const { backoffBase, backoffCeiling } = this.#policy
    const cap = Math.min(backoffCeiling, backoffBase * 2 ** Math.min(this.#failures + 1, 30))
    this.#failures++
    const asked = isHoldfastError(error, 'throttled') ? Number(error.details.retryAfter ?? 0) : 0
    const jittered = Math.max(1, this.#randomUnit() * cap)
    this.#notBefore = this.#monotonic() + (Number.isFinite(asked) ? Math.max(asked, jittered) : jittered)
  }

  /** Forgets the wait, not the failures: something happened that makes an attempt worth while. */
  tryNow(): void {
    this.#notBefore = 0
  }
}
