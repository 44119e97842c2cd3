import { HoldfastError } from '../errors/holdfast-error.ts'

export function wrongUser(): HoldfastError {
  return new HoldfastError(
    'wrong_user',
    'This local database belongs to another user. Nothing was read or sent. Open it with the user who made it, or use another name.',
  )
}

export function lost(): HoldfastError {
  return new HoldfastError(
    'store_lost',
    'The local database was cleared while it was open. What was not synced is still in this tab until it closes. Save what you can, then open the database again.',
  )
}

export function notLeading(): HoldfastError {
  return new HoldfastError(
    'store_conflict',
    'Another tab syncs this database now. Nothing was changed here.',
    { retryable: true },
  )
}

export function closed(): HoldfastError {
  return new HoldfastError(
    'closed',
    'This database was closed. Nothing was written. Open it again with createHoldfast.',
  )
}
