import type { ErrorCode } from './codes.ts'

const MARKER = Symbol.for('holdfast.error')

export interface ErrorOptions {
  /** What failed underneath. Never shown in `message`. */
  readonly cause?: unknown
  /** True if the same call can succeed later without a change by anyone. */
  readonly retryable?: boolean
  /** Facts for programs: names, sizes, limits. Never document contents or secrets. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * The only error type that Holdfast throws. The message says what failed, what state is safe and
 * what to do next; programs branch on `code`.
 */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError'
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
    this.details = options.details ?? {}
    Object.defineProperty(this, MARKER, { value: true })
  }
}

/** Recognises the error by its marker, so that two copies of this package agree. */
export function isHoldfastError(error: unknown, code?: ErrorCode): error is HoldfastError {
  if (typeof error !== 'object' || error === null || !(MARKER in error)) return false
  return code === undefined || (error as unknown as HoldfastError).code === code
}
