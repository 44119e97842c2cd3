import { type ErrorCode, HoldfastError } from '@holdfast/core'

/** SQLite's primary result codes; the extended ones carry these in their low byte. */
const CODES: Readonly<Record<number, Failure>> = {
  3: { code: 'store_unavailable', message: 'The system does not permit access to the database file.' },
  5: {
    code: 'store_locked',
    message: 'Another process or store has the database open. Close it there first.',
  },
  6: {
    code: 'store_locked',
    message: 'Another process or store has the database open. Close it there first.',
  },
  8: { code: 'store_unavailable', message: 'The database file cannot be written. Check its permissions.' },
  11: {
    code: 'store_corrupt',
    message:
      'The database file is damaged. It was left as it is: restore a copy, or destroy it and sync afresh.',
  },
  13: { code: 'store_full', message: 'The disk is full. Nothing of this batch was written: free space.' },
  14: {
    code: 'store_unavailable',
    message: 'The database file cannot be opened. Check its path and permissions.',
  },
  18: {
    code: 'invalid_value',
    message: 'A value is larger than SQLite takes. Nothing of this batch was written.',
  },
  26: {
    code: 'store_corrupt',
    message: 'The file is not a database, or its start is damaged. It was left as it is: check the path.',
  },
}

/** SQLITE_READONLY_DBMOVED: the file was renamed or deleted under the connection. */
const MOVED = 1032

interface Failure {
  readonly code: ErrorCode
  readonly message: string
}

export function resultCodeOf(error: unknown): number | undefined {
  const isSqlite = typeof error === 'object' && error !== null && 'errcode' in error
  return isSqlite && typeof error.errcode === 'number' ? error.errcode : undefined
}

/** Gives a failure of SQLite or of the file system its code. */
export function classify(error: unknown, path: string): HoldfastError {
  if (error instanceof HoldfastError) return error
  const result = resultCodeOf(error)
  if (result === MOVED) return lost(path)
  const known = result === undefined ? fileFailure(error) : CODES[result & 0xff]
  const { code, message } = known ?? {
    code: 'store_failed' as const,
    message: 'SQLite failed. Nothing of this batch was written: see the cause, then try again.',
  }
  return new HoldfastError(code, message, {
    cause: error,
    retryable: code === 'store_failed' || code === 'store_locked',
    details: { path, ...(result === undefined ? {} : { result }) },
  })
}

function fileFailure(error: unknown): Failure | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT') return CODES[13]
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? CODES[14] : undefined
}

export const lost = (path: string): HoldfastError =>
  new HoldfastError(
    'store_lost',
    'The database file was deleted, moved or replaced while it was open. What was stored is out of reach: close the store, then put the file back or open afresh.',
    { details: { path } },
  )

export const closed = (): HoldfastError =>
  new HoldfastError('store_closed', 'The store is not open. Open it first.')

export const alreadyOpen = (name: string): HoldfastError =>
  new HoldfastError('store_locked', `This object has the database "${name}" open. Close it first.`)

export const conflicting = (): HoldfastError =>
  new HoldfastError(
    'store_conflict',
    'Another writer changed the expected key. Nothing was written: read again.',
  )

export const foreign = (path: string, what: string): HoldfastError =>
  new HoldfastError('store_unavailable', `The file ${what}. It was left as it is: choose another path.`, {
    details: { path },
  })
