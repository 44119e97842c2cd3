import type { ErrorCode } from '../errors/codes.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'

/** Milliseconds to wait where a busy service does not say how long. */
const BUSY_MS = 1_000

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  auth: 'The service refused who asked. Nothing was changed: sign in again.',
  timeout: 'The service took too long. What was pushed may have taken effect or not: send it again.',
  throttled: 'The service is busy. What was pushed may have taken effect or not: send it again after a wait.',
  network: 'The service failed. What was pushed may have taken effect or not: send it again.',
  protocol:
    'The service does not know such a request. Nothing was changed: check the address and the versions.',
}

/**
 * The failure of a remote over HTTP, sorted by the status of an answer that is no success; the
 * value of its `retry-after` header in seconds. For a service that says more than a status, look
 * at that first.
 */
export function statusError(status: number, retryAfter: string | null = null): HoldfastError {
  const code = codeOf(status)
  const seconds = Number(retryAfter?.trim() || Number.NaN)
  const wait = seconds >= 0 ? seconds * 1_000 : BUSY_MS
  return new HoldfastError(code, MESSAGES[code] ?? '', {
    retryable: code === 'timeout' || code === 'throttled' || code === 'network',
    details: code === 'throttled' ? { status, retryAfter: wait } : { status },
  })
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'auth'
  if (status === 408 || status === 504) return 'timeout'
  if (status === 429 || status === 503) return 'throttled'
  return status >= 500 ? 'network' : 'protocol'
}
