import type { CancellationReason } from '@aws-sdk/client-dynamodb'
import { classify } from './failures.ts'

/** Runs one SDK call. Every failure is classified. */
export async function call<T>(
  signal: AbortSignal,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  try {
    signal.throwIfAborted()
    return await send({ abortSignal: signal })
  } catch (error) {
    throw classify(error, signal)
  }
}

/** What became of a transaction: its answer, or why it was cancelled, item by item. */
export type Transacted<T> =
  | { readonly answer: T }
  | { readonly reasons: readonly CancellationReason[]; readonly cause: unknown }

/** Like `call`, for a transaction: its cancellation is an answer and not a failure. */
export async function transact<T>(
  signal: AbortSignal,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<Transacted<T>> {
  try {
    signal.throwIfAborted()
    return { answer: await send({ abortSignal: signal }) }
  } catch (error) {
    const { name, CancellationReasons } = error as {
      name?: string
      CancellationReasons?: CancellationReason[]
    }
    if (name === 'TransactionCanceledException') return { reasons: CancellationReasons ?? [], cause: error }
    // The first copy of a transaction that was sent twice is still at work.
    if (name === 'TransactionInProgressException') return { reasons: [{ Code: CONFLICT }], cause: error }
    throw classify(error, signal)
  }
}

const CONFLICT = 'TransactionConflict'
const THROTTLES = new Set(['ThrottlingError', 'ProvisionedThroughputExceeded', 'RequestLimitExceeded'])

export function isConflict(reason: CancellationReason | undefined): boolean {
  return reason?.Code === CONFLICT
}

export function isThrottle(reason: CancellationReason): boolean {
  return THROTTLES.has(reason.Code ?? '')
}

/** The condition of this item did not hold. */
export function isRefused(reason: CancellationReason | undefined): boolean {
  return reason?.Code === 'ConditionalCheckFailed'
}
