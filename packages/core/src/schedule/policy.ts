/** When to sync, and how patient to be. Times are in ms. */
export interface SchedulePolicy {
  /** How long local writes are gathered before they are pushed. */
  readonly debounce: number
  /** Between two rounds while the application is visible, hidden, and on low battery. */
  readonly activeInterval: number
  readonly backgroundInterval: number
  readonly lowBatteryInterval: number
  /** Backoff: the n-th failure in a row waits a random time up to `backoffBase * 2^n`, at most `backoffCeiling`. */
  readonly backoffBase: number
  readonly backoffCeiling: number
  /** Failures in a row after which only a single probe is sent at a time. */
  readonly breakerThreshold: number
  /** Bounds of the request timeout, which follows what was measured. */
  readonly minTimeout: number
  readonly maxTimeout: number
  /** Changes asked for in one page of a pull. */
  readonly pullLimit: number
}

export const DEFAULT_POLICY: SchedulePolicy = {
  debounce: 50,
  activeInterval: 30_000,
  backgroundInterval: 5 * 60_000,
  lowBatteryInterval: 15 * 60_000,
  backoffBase: 500,
  backoffCeiling: 5 * 60_000,
  breakerThreshold: 5,
  minTimeout: 10_000,
  maxTimeout: 120_000,
  pullLimit: 5000,
}
