import { type ErrorCode, HoldfastError } from '@holdfast/core'

const nameOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : ''

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '')

/** True if the browser cut the connection; the database itself may be whole. Safari has words for it, no name. */
export function isConnectionCut(error: unknown): boolean {
  return nameOf(error) === 'InvalidStateError' || /database server lost/i.test(messageOf(error))
}

/** A failure of an open database: of a read, or of a write that left nothing behind. */
export function accessFailure(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error
  if (nameOf(error) === 'QuotaExceededError') return full(error)
  if (nameOf(error) === 'DataCloneError' || nameOf(error) === 'DataError') {
    return failure('invalid_value', 'IndexedDB cannot store that key or value. Nothing was written.', error)
  }
  return failure(
    'store_failed',
    'IndexedDB failed. Nothing of this batch was written: try again.',
    error,
    true,
  )
}

/**
 * What `put` threw. After a transaction that was over the quota, Firefox lets the next one only delete,
 * and says it in the words for a connection that was cut.
 */
export function putFailure(error: unknown): unknown {
  return nameOf(error) === 'InvalidStateError' ? full(error) : error
}

const full = (cause: unknown): HoldfastError =>
  failure(
    'store_full',
    'The browser refused more storage. Nothing of this batch was written: free space or ask for persistence.',
    cause,
  )

/** A failure to open. Nothing was created or changed. */
export function openFailure(name: string, error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error
  if (nameOf(error) === 'VersionError') {
    return failure(
      'store_unavailable',
      `The database "${name}" was made by a newer version. Update this one.`,
      error,
    )
  }
  if (nameOf(error) === 'QuotaExceededError') {
    return failure(
      'store_full',
      `There is no space to open the database "${name}". Free space and try again.`,
      error,
    )
  }
  if (/backing store/i.test(messageOf(error))) {
    return failure(
      'store_corrupt',
      `The browser cannot read the database "${name}": damaged, or the disk is full. It was left as it is.`,
      error,
    )
  }
  return failure(
    'store_unavailable',
    `The browser refused to open the database "${name}" (private mode, or storage is switched off). Nothing was stored: allow storage, or use the memory store.`,
    error,
  )
}

export function newerVersion(name: string, cause?: unknown): HoldfastError {
  return failure(
    'store_unavailable',
    `The database "${name}" was made by a newer version. It was left as it is: update this one.`,
    cause,
  )
}

/** Whether a write that was under way stands is not known: repeating it is right for puts, not under `expect`. */
export const cutOff = (cause: unknown): HoldfastError =>
  failure(
    'store_failed',
    'The browser cut the connection during this write. The batch stands as a whole or not at all: read it, then try again.',
    cause,
    true,
  )

export function lost(name: string, how: string, cause?: unknown): HoldfastError {
  return failure(
    'store_lost',
    `The database "${name}" was ${how} while it was open. What was stored there is out of reach of this store: close it, and open it again when you have told the user.`,
    cause,
  )
}

export const closed = (): HoldfastError => failure('store_closed', 'The store is not open. Open it first.')

export const alreadyOpen = (name: string): HoldfastError =>
  failure('store_locked', `This object has the database "${name}" open. Close it first.`)

export const conflicting = (): HoldfastError =>
  failure('store_conflict', 'Another writer changed the expected key. Nothing was written: read again.')

export function blocked(what: 'open' | 'destroy', name: string): HoldfastError {
  return what === 'open'
    ? failure(
        'store_unavailable',
        `The database "${name}" did not open in time: another tab holds up a change of it. Nothing was changed: close other tabs and try again.`,
        undefined,
        true,
      )
    : failure(
        'store_locked',
        `Another tab keeps the database "${name}" open. The browser will delete it once that tab closes it.`,
      )
}

function failure(code: ErrorCode, message: string, cause?: unknown, retryable = false): HoldfastError {
  return new HoldfastError(code, message, { cause, retryable })
}
