import { HoldfastError } from '../errors/holdfast-error.ts'

export function documentExists(collection: string): HoldfastError {
  return new HoldfastError(
    'document_exists',
    `${collection}: a document with this id exists. Nothing was written. Use update to change it, or put to replace it.`,
    { details: { collection } },
  )
}

export function idUnset(collection: string): HoldfastError {
  return new HoldfastError(
    'invalid_id',
    `${collection}: a document cannot be without its id. Nothing was changed; leave "id" out of unset.`,
    { details: { collection } },
  )
}

export function transactionClosed(): HoldfastError {
  return new HoldfastError(
    'transaction_closed',
    'This transaction has ended, so nothing comes of what is called on it now. Nothing was written by this call. Await every call inside the function that transact was given.',
  )
}

export function documentMissing(collection: string): HoldfastError {
  return new HoldfastError(
    'document_missing',
    `${collection}: there is no document with this id. Nothing was written. Use insert or put to create it.`,
    { details: { collection } },
  )
}
