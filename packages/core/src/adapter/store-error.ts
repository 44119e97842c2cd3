import { HoldfastError } from '../errors/holdfast-error.ts'

/** What failed, what is safe, what to do next: where a store has nothing better to say. */
const MESSAGES = {
  store_closed: 'The store is not open. Nothing was changed: open it first.',
  store_locked: 'The database is open elsewhere. Nothing was changed: close it there first.',
  store_lost:
    'The database was deleted or replaced while it was open. What had not been synced from it is gone with it: close the store and open it anew.',
  store_corrupt:
    'The database cannot be read. It was left as it is: restore a copy of it, or destroy it and sync afresh.',
  store_conflict: 'The expected key has another value. Nothing was written: read it again.',
  store_full: 'There is no space left. Nothing of this batch was written: free space.',
  store_unavailable: 'The database cannot be opened. It was left as it is: see the cause.',
  store_failed: 'The platform failed. Nothing of this batch was written: see the cause.',
} as const

/** The failure of a local store by its code, with a message that holds for any store. */
export function storeError(code: keyof typeof MESSAGES, cause?: unknown): HoldfastError {
  return new HoldfastError(code, MESSAGES[code], { cause })
}
