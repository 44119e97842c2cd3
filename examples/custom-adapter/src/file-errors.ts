import { type ErrorCode, HoldfastError, isHoldfastError } from '@holdfast/core'

const MESSAGES = {
  store_closed: 'The store is not open. Nothing was changed: open it first.',
  store_locked: 'The database is open elsewhere. Nothing was changed: close it there first.',
  store_lost:
    'The files of the database were deleted or replaced while it was open. What was not synced is gone with them: close the store and open it anew.',
  store_corrupt:
    'The log of the database cannot be read. It was left as it is: restore a copy, or destroy the database and sync afresh.',
  store_conflict: 'The expected key has another value. Nothing was written: read it again.',
  store_full: 'The disk is full. Nothing of this batch was written: free space.',
  store_unavailable: 'The files of the database cannot be opened. They were left as they are: see the cause.',
  store_failed: 'The file system failed. Nothing of this batch was written: see the cause.',
  invalid_value: 'This store takes text of at most 64 MB, no bytes. Nothing of this batch was written.',
  unsupported_durability:
    "This store offers 'strict' and 'relaxed'. Nothing was written: ask for one of them.",
} satisfies Partial<Record<ErrorCode, string>>

type StoreCode = keyof typeof MESSAGES

export function storeError(code: StoreCode, cause?: unknown): HoldfastError {
  return new HoldfastError(code, MESSAGES[code], { cause })
}

/** Gives what the file system threw its code. */
export function failure(error: unknown, otherwise: StoreCode): HoldfastError {
  if (isHoldfastError(error)) return error
  const code = (error as { code?: unknown }).code
  return storeError(code === 'ENOSPC' || code === 'EDQUOT' ? 'store_full' : otherwise, error)
}
