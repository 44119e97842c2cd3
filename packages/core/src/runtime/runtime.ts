/**
 * Runtime: everything that core takes from its surroundings. The engine calls no global clock,
 * timer, random source, lock or channel, so that it runs whole under virtual time, where one
 * seed is one history.
 */
export interface Runtime {
  /** Wall clock, ms since 1970. May jump either way. */
  now(): number
  /** Monotonic clock, ms from an arbitrary origin. */
  monotonic(): number
  /** Calls `run` once after `ms`; returns how to cancel. */
  setTimer(ms: number, run: () => void): () => void
  /** Calls `run` when there is nothing more urgent; returns how to cancel. */
  whenIdle(run: () => void): () => void
  /** Lower-case hex digits from a cryptographic source. */
  randomHex(digits: number): string
  /** A number in [0, 1), for jitter only. */
  randomUnit(): number
  readonly connectivity: Signal
  readonly visibility: Signal
  readonly lowBattery: Signal
  readonly locks: Locks
  /** A channel to the other tabs that share `name`; messages are structured-clonable. */
  openChannel(name: string): Channel
}

/** A fact that changes: its value now, and a way to hear of changes. */
export interface Signal {
  get(): boolean
  subscribe(listener: () => void): () => void
}

export interface Locks {
  /**
   * Waits for the exclusive lock `name`, runs `hold`, and releases it when that settles. Rejects
   * with an AbortError if `signal` fires first. `stolen` fires when another holder stole the lock.
   */
  request<T>(name: string, options: LockOptions, hold: (stolen: AbortSignal) => Promise<T>): Promise<T>
  /** True if someone, here or in another tab, holds `name`. */
  isHeld(name: string): Promise<boolean>
}

export interface LockOptions {
  readonly signal?: AbortSignal
  readonly steal?: boolean
}

export interface Channel {
  post(message: unknown): void
  subscribe(listener: (message: unknown) => void): () => void
  close(): void
}
