import { HoldfastError } from '@holdfast/core'

export interface KvClient {
  /** Entries of `from <= key < to`, in key order, as many as the service gives at once. */
  list(from: string, to: string, signal: AbortSignal): Promise<KvPage>
  /** False where the key exists already; `epoch` where the history is another than `epoch`. */
  create(
    entry: { key: string; value: string; epoch: string },
    signal: AbortSignal,
  ): Promise<boolean | 'epoch'>
}

export interface KvPage {
  readonly entries: readonly (readonly [key: string, value: string])[]
  readonly more: boolean
  readonly epoch: string
}

export interface KvOptions {
  readonly url: string
  readonly token: string
  /** How long one request may take, in ms; 10,000 unless given. */
  readonly timeoutMs?: number
}

const UNKNOWN = 'What was pushed may have taken effect or not: send it again.'

export function kvClient({ url, token, timeoutMs = 10_000 }: KvOptions): KvClient {
  async function call(path: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
    const deadline = AbortSignal.timeout(timeoutMs)
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) }
    try {
      const signal = AbortSignal.any([init.signal, deadline])
      const response = await fetch(url + path, { ...init, headers, signal })
      // The body too must come before the deadline.
      const body = await response.text()
      return new Response(response.status === 204 ? null : body, response)
    } catch (cause) {
      if (init.signal.aborted)
        throw new HoldfastError('aborted', `The call was cancelled. ${UNKNOWN}`, { cause })
      const code = deadline.aborted ? 'timeout' : 'network'
      throw new HoldfastError(code, `The service did not answer. ${UNKNOWN}`, { cause, retryable: true })
    }
  }

  return {
    async list(from, to, signal) {
      const query = new URLSearchParams({ from, to, limit: '200' })
      const response = await call(`/?${query}`, { signal })
      if (response.status !== 200) throw failureOf(response)
      return pageOf(await response.text(), response)
    },
    async create({ key, value, epoch }, signal) {
      const headers = { 'if-none-match': '*', 'if-epoch': epoch }
      const response = await call(`/${encodeURIComponent(key)}`, {
        method: 'PUT',
        body: value,
        headers,
        signal,
      })
      if (response.status === 201) return true
      if (response.status === 412) return false
      if (response.status === 409) return 'epoch'
      throw failureOf(response)
    },
  }
}

/** A portal answers 200 with a page of its own: only what has the service's shape is believed. */
function pageOf(text: string, { headers }: Response): KvPage {
  const epoch = headers.get('kv-epoch')
  try {
    const { entries, more } = JSON.parse(text) as Partial<KvPage>
    if (epoch !== null && Array.isArray(entries) && typeof more === 'boolean') return { entries, more, epoch }
  } catch {
    // Not JSON: falls through to the same failure.
  }
  throw new HoldfastError(
    'protocol',
    'The answer is not one of the service. Nothing was read: check the URL.',
  )
}

function failureOf({ status, headers }: Response): HoldfastError {
  const details = { status }
  if (status === 401 || status === 403)
    return new HoldfastError('auth', 'The service refused the token. Nothing was changed: sign in again.', {
      details,
    })
  if (status === 429 || status === 503) {
    const retryAfter = Number(headers.get('retry-after') ?? 1) * 1000
    return new HoldfastError('throttled', 'The service is busy. Nothing was changed: send it later.', {
      retryable: true,
      details: { ...details, retryAfter },
    })
  }
  if (status >= 500)
    return new HoldfastError('network', `The service failed. ${UNKNOWN}`, { retryable: true, details })
  return new HoldfastError(
    'protocol',
    `The service answered ${status}. Nothing was changed: check the URL.`,
    { details },
  )
}
