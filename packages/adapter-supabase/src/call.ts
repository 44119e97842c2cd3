import { HoldfastError } from '@holdfast/core'
import type { RpcCall, RpcError, SupabaseClientLike } from './client.ts'
import { toHoldfastError } from './errors.ts'

export type Answer =
  | { readonly data: unknown; readonly failure?: undefined }
  | { readonly failure: HoldfastError; readonly error: RpcError }

/** One request. Rejects only with `aborted`; every other failure is returned, classified. */
export async function call(
  client: SupabaseClientLike,
  action: 'pull' | 'push',
  { request, text, signal }: CallRequest,
): Promise<Answer> {
  throwIfAborted(signal, action)
  let answer: Awaited<ReturnType<ReturnType<SupabaseClientLike['rpc']>['abortSignal']>>
  try {
    answer = await untilAborted(
      plain(client.rpc(`holdfast_${action}` as never, request as never), { request, text }).abortSignal(
        signal,
      ),
      signal,
    )
  } catch (cause) {
    throwIfAborted(signal, action)
    const error = { message: cause instanceof Error ? `${cause.name}: ${cause.message}` : '' }
    return { failure: toHoldfastError(error, 0, action), error }
  }
  throwIfAborted(signal, action)
  const { data, error, status } = answer
  if (error !== null) return { failure: toHoldfastError(error, status, action), error }
  return { data }
}

export interface CallRequest {
  readonly request: object
  /** The request as JSON, where it was made into text before. */
  readonly text?: string | undefined
  readonly signal: AbortSignal
}

type Fetch = (url: unknown, init: object) => unknown

/**
 * Spares what takes longest on either side. PostgREST parses a whole body to learn which arguments there
 * are, unless the URL says it; the functions have one without a name, which is given the body as it came
 * whatever the URL says. And the client makes the text of a body by a function that it calls for every value,
 * to find bigints, which none of ours is. A client that does not show these parts of a call does without.
 */
function plain(call: RpcCall, { request, text }: Pick<CallRequest, 'request' | 'text'>): RpcCall {
  const parts = call as { url?: unknown; body?: unknown; fetch?: unknown }
  if (parts.url instanceof URL) parts.url.searchParams.set('columns', 'body')
  const { fetch } = parts as { fetch?: Fetch }
  if (typeof fetch === 'function' && parts.body === request) {
    parts.body = undefined
    parts.fetch = (url: unknown, init: object) =>
      fetch(url, { ...init, body: text ?? JSON.stringify(request) })
  }
  return call
}

/** A client may go on waiting, for a session for example, after the signal fired. */
function untilAborted<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    const done = () => signal.removeEventListener('abort', stop)
    work.then(
      (value) => {
        done()
        resolve(value)
      },
      (error) => {
        done()
        reject(error)
      },
    )
  })
}

function throwIfAborted(signal: AbortSignal, action: string): void {
  if (!signal.aborted) return
  throw new HoldfastError(
    'aborted',
    `The ${action} was cancelled; what it had done at the server is unknown until the next one.`,
    {
      cause: signal.reason,
      retryable: true,
    },
  )
}

export function unexpected(action: 'pull' | 'push'): HoldfastError {
  return new HoldfastError(
    'protocol',
    `The answer to the ${action} has not the form that was expected. Local documents and pending writes are safe; ` +
      'check that the migration is of the same version as this package.',
  )
}
