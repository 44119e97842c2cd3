import { type ErrorCode, HoldfastError } from '@holdfast/core'
import type { RpcError } from './client.ts'

/** Milliseconds to wait where the server asks for patience and does not say how long. */
const BUSY_MS = 1_000
/** A database that takes no writes now (full disk, maintenance) does not recover in a moment. */
const READ_ONLY_MS = 60_000

type Class = { readonly code: ErrorCode; readonly retryAfter?: number }

/** A failed call as one of the classes that an engine knows: SQLSTATE first, PGRST code next, status last. */
export function toHoldfastError(error: RpcError, status: number, action: 'pull' | 'push'): HoldfastError {
  const { code, retryAfter } = classify(error, status)
  const details = {
    status,
    ...(error.code ? { code: error.code } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
  return new HoldfastError(code, MESSAGES[code]?.(action) ?? fallback(action), {
    cause: error,
    retryable: code === 'network' || code === 'timeout' || code === 'throttled',
    details,
  })
}

function classify(error: RpcError, status: number): Class {
  const code = error.code ?? ''
  if (/^PGRST\d+$/.test(code)) return byPostgrest(code, status)
  if (/^[0-9A-Z]{5}$/.test(code)) return bySqlState(code, status, error.message ?? '')
  return byStatus(status, error.message ?? '')
}

function bySqlState(state: string, status: number, message: string): Class {
  if (state === 'HF001') return { code: 'moved' }
  if (state === 'HF003') return { code: 'remote_not_installed' }
  if (state === '57014') return { code: 'timeout' }
  if (state === '25006') return { code: 'throttled', retryAfter: READ_ONLY_MS }
  // The caller's role may not sync at all: nobody is signed in.
  if (state === '42501' && (status === 401 || /holdfast/.test(message))) return { code: 'auth' }
  if (['42883', '42P01', '3F000'].includes(state) && /holdfast/.test(message)) {
    return { code: 'remote_not_installed' }
  }
  switch (state.slice(0, 2)) {
    case '53':
      return { code: 'throttled', retryAfter: BUSY_MS }
    case '08':
    case '40':
    case '55':
    case '57':
    case '58':
      return { code: 'network' }
    default:
      return { code: 'protocol' }
  }
}

function byPostgrest(code: string, status: number): Class {
  switch (code) {
    case 'PGRST000':
    case 'PGRST001':
    case 'PGRST002':
      return { code: 'network' }
    case 'PGRST003':
      return { code: 'throttled', retryAfter: BUSY_MS }
    // A missing function or table, hosted and self-hosted.
    case 'PGRST202':
    case 'PGRST205':
      return { code: 'remote_not_installed' }
    case 'PGRST301':
    case 'PGRST302':
    case 'PGRST303':
      return { code: 'auth' }
    default:
      return { code: status === 401 ? 'auth' : 'protocol' }
  }
}

function byStatus(status: number, message: string): Class {
  if (status === 0) return { code: /^TimeoutError/.test(message) ? 'timeout' : 'network' }
  if (status === 401) return { code: 'auth' }
  if (status === 408 || status === 504) return { code: 'timeout' }
  if (status === 429) return { code: 'throttled', retryAfter: BUSY_MS }
  // A body that is no JSON under a good status: a captive portal, or an answer that was cut off.
  if (status >= 500 || status < 300) return { code: 'network' }
  return { code: 'protocol' }
}

const KEPT = 'Local documents and pending writes are safe'

const MESSAGES: Partial<Record<ErrorCode, (action: string) => string>> = {
  network: (action) =>
    `The ${action} did not reach the database or its answer was lost. ${KEPT}; it will be tried again.`,
  timeout: (action) => `The ${action} took longer than the server allows. ${KEPT}; it will be tried again.`,
  throttled: (action) =>
    `The server is too busy for a ${action}. ${KEPT}; it will be tried again after a wait.`,
  auth: (action) =>
    `The ${action} was refused: the access token is missing or expired. ${KEPT}; sign in or refresh the session.`,
  moved: () => `The documents of this database have moved. ${KEPT}; point the application at the new remote.`,
  remote_not_installed: (action) =>
    `The ${action} found no Holdfast functions, or a table that is not synced. ${KEPT}; ` +
    'run the SQL that `npx holdfast-supabase <tables…>` prints, as the owner of the tables.',
}

function fallback(action: string): string {
  return `The database answered the ${action} in an unexpected way. ${KEPT}; details.code names the server's error.`
}
