import { HoldfastError } from '@holdfast/core'
import { statusError } from '@holdfast/core/adapter'

export interface KvOptions {
  readonly url: string
  readonly token: string
  /** A user, a team, a workspace: its documents have one order. */
  readonly space: string
  /** How long one request may take, in ms; 10,000 unless given. */
  readonly timeoutMs?: number
}

export type KvAsk = (
  action: 'read' | 'write' | 'changes',
  asked: unknown,
  signal: AbortSignal,
) => Promise<unknown>

/** One request to the service, with its failures sorted. */
export function kvClient({ url, token, space, timeoutMs = 10_000 }: KvOptions): KvAsk {
  return async (action, asked, signal) => {
    if (signal.aborted) throw new HoldfastError('aborted', 'The call was cancelled. Nothing was sent.')
    const deadline = AbortSignal.timeout(timeoutMs)
    let status: number
    let text: string
    let retryAfter: string | null
    try {
      const response = await fetch(`${url}/${space}/${action}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(asked),
        signal: AbortSignal.any([signal, deadline]),
      })
      // The body too must come before the deadline.
      ;[status, text, retryAfter] = [
        response.status,
        await response.text(),
        response.headers.get('retry-after'),
      ]
    } catch (cause) {
      const code = signal.aborted ? 'aborted' : deadline.aborted ? 'timeout' : 'network'
      throw new HoldfastError(
        code,
        'The service did not answer. What was pushed may have taken effect or not: send it again.',
        { cause, retryable: true },
      )
    }
    if (status !== 200) throw statusError(status, retryAfter)
    try {
      return JSON.parse(text)
    } catch {
      throw notOurs()
    }
  }
}

/** A portal answers 200 with a page of its own: only what has the service's shape is believed. */
export function notOurs(): HoldfastError {
  return new HoldfastError(
    'protocol',
    'The answer is not one of the service. Nothing was read: check the URL.',
  )
}
