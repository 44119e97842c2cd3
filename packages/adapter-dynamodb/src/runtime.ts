import { HoldfastError, type Runtime } from '@holdfast/core'

/** The part of a Runtime that this remote uses: pauses, jitter, expiry times, the epoch of a new space. */
export type DynamoDbRuntime = Pick<Runtime, 'now' | 'monotonic' | 'setTimer' | 'randomUnit' | 'randomHex'>

export const systemRuntime: DynamoDbRuntime = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  randomUnit: () => Math.random(),
  randomHex(digits) {
    const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(digits / 2)))
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
      .join('')
      .slice(0, digits)
  },
}

/** Resolves after `ms`; fails with `aborted` as soon as the signal fires. */
export function pause(runtime: DynamoDbRuntime, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(abortedError())
  if (ms <= 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const abort = () => {
      cancel()
      reject(abortedError())
    }
    const cancel = runtime.setTimer(ms, () => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
    signal.addEventListener('abort', abort, { once: true })
  })
}

export function abortedError(): HoldfastError {
  return new HoldfastError(
    'aborted',
    'The request to DynamoDB was cancelled. Nothing is lost; sending it again is safe.',
  )
}
