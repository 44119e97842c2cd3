import { HoldfastError } from '@holdfast/core'

const nameOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : ''

/** Gives what a Storage threw its code. Nothing of the batch stands when this is reported. */
export function classify(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error
  if (/quota/i.test(nameOf(error))) {
    return new HoldfastError(
      'store_full',
      'The storage is full (browsers give about 5 MB). Nothing of this batch was written: free space, or use IndexedDB.',
      { cause: error },
    )
  }
  return new HoldfastError(
    'store_failed',
    'The storage failed. Nothing of this batch was written: see the cause.',
    {
      cause: error,
      retryable: true,
    },
  )
}

export const unavailable = (message: string, cause?: unknown): HoldfastError =>
  new HoldfastError('store_unavailable', `${message} Nothing was stored.`, { cause })

export const locked = (name: string): HoldfastError =>
  new HoldfastError(
    'store_locked',
    `The database "${name}" is open elsewhere: this store serves one tab at a time. Close it there, or use IndexedDB.`,
  )

export const corrupt = (name: string): HoldfastError =>
  new HoldfastError(
    'store_corrupt',
    `The records of the database "${name}" are not as this store leaves them. They were left as they are: destroy the database and sync afresh.`,
  )

export const newer = (name: string): HoldfastError =>
  unavailable(`The database "${name}" was made by a newer version: update this one.`)

export const lost = (name: string): HoldfastError =>
  new HoldfastError(
    'store_lost',
    `The database "${name}" was cleared or changed by someone else while it was open. Close the store, and open it again when you have told the user.`,
  )

export const closed = (): HoldfastError =>
  new HoldfastError('store_closed', 'The store is not open. Open it first.')

export const conflicting = (): HoldfastError =>
  new HoldfastError('store_conflict', 'The expected key has another value. Nothing was written: read again.')
