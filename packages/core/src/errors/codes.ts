/**
 * Every code that a `HoldfastError` can carry. Codes are stable, messages are not.
 * Each has a heading of its own in docs/errors.md.
 */
export const ERROR_CODES = [
  // what the application passed in
  'invalid_document',
  'invalid_id',
  'invalid_value',
  'invalid_query',
  'invalid_options',
  'forbidden_key',
  'document_too_large',
  'schema_mismatch',
  'unknown_collection',
  'document_exists',
  'document_missing',
  'transaction_closed',
  // the local store
  'store_unavailable',
  'store_lost',
  'store_full',
  'store_corrupt',
  'store_conflict',
  'store_closed',
  'store_locked',
  'store_failed',
  'wrong_key',
  'wrong_user',
  'unsupported_durability',
  'unsupported_spec',
  // the remote
  'network',
  'timeout',
  'throttled',
  'auth',
  'rejected',
  'moved',
  'protocol',
  'remote_not_installed',
  // the engine
  'aborted',
  'closed',
  'unsynced_writes',
  'not_found',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]
