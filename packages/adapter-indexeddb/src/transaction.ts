import type { ScanRange, StoreValue, WriteBatch, WriteOptions } from '@holdfast/core'
import { promisifyRequest } from 'idb-keyval'
import { conflicting, putFailure } from './failures.ts'

type Entry = [key: string, value: StoreValue]

/** Resolves when the transaction is durable; rejects with what aborted it. */
export function complete(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
}

/**
 * Everything happens in `transaction`, the check of `expect` too.
 *
 * `commit` spares a transaction of one request the wait for its answer. One of several waits: in
 * Firefox 153 a transaction on which `commit` was called aborts only if the last request fails, and not
 * even then if `commit` was called in the answer to another; it completes without what failed.
 */
export function applyBatch(
  entries: IDBObjectStore,
  transaction: IDBTransaction,
  batch: WriteBatch,
  expect: WriteOptions['expect'],
): Promise<void> {
  let failure: unknown
  let isCommitting = false
  const giveUp = (reason: unknown) => {
    failure = reason
    transaction.abort()
  }
  // What failed first is the reason, and no event but its own says so after `commit` in Firefox.
  transaction.onerror = (event) => {
    if (failure !== undefined) return
    failure = (event.target as IDBRequest).error
    if (isCommitting) return
    event.preventDefault()
    transaction.abort()
  }
  const proceed = () => {
    try {
      isCommitting = issue(entries, batch) === 1 && expect === undefined
      if (isCommitting) transaction.commit()
    } catch (error) {
      giveUp(error)
    }
  }
  if (expect === undefined) proceed()
  else {
    const request: IDBRequest<unknown> = entries.get(expect.key)
    request.onsuccess = () => {
      if ((request.result ?? null) === expect.value) proceed()
      else giveUp(conflicting())
    }
  }
  return complete(transaction).then(
    () => {
      if (failure !== undefined) throw failure
    },
    (error: unknown) => {
      throw failure ?? error
    },
  )
}

export async function scanEntries(entries: IDBObjectStore, range: ScanRange): Promise<Entry[]> {
  const { from, to, limit, reverse = false } = range
  const query = IDBKeyRange.bound(from, to, false, true)
  if (canGetRecords(entries)) {
    const direction = reverse ? 'prev' : 'next'
    const records = await promisifyRequest(entries.getAllRecords({ query, count: limit, direction }))
    return records.map(({ key, value }): Entry => [key, value])
  }
  if (reverse) return scanBackwards(entries, query, limit ?? Number.POSITIVE_INFINITY)
  const [keys, values] = await Promise.all([
    promisifyRequest(entries.getAllKeys(query, limit)),
    promisifyRequest<StoreValue[]>(entries.getAll(query, limit)),
  ])
  return keys.map((key, index): Entry => [key as string, values[index] as StoreValue])
}

/** Keys and values by one request, either way; Chromium has it since 141. */
interface RecordReader {
  getAllRecords(options: {
    readonly query: IDBKeyRange
    readonly count: number | undefined
    readonly direction: 'next' | 'prev'
  }): IDBRequest<{ readonly key: string; readonly value: StoreValue }[]>
}

const canGetRecords = (entries: object): entries is RecordReader => 'getAllRecords' in entries

function scanBackwards(entries: IDBObjectStore, query: IDBKeyRange, limit: number): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const found: Entry[] = []
    const request = entries.openCursor(query, 'prev')
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const cursor = request.result
      if (cursor !== null) found.push([cursor.key as string, cursor.value])
      if (cursor === null || found.length === limit) resolve(found)
      else cursor.continue()
    }
  })
}

/** The number of requests. */
function issue(
  entries: IDBObjectStore,
  { deleteRanges = [], delete: keys = [], put = [] }: WriteBatch,
): number {
  const ranges = deleteRanges.filter(({ from, to }) => from < to)
  for (const { from, to } of ranges) entries.delete(IDBKeyRange.bound(from, to, false, true))
  for (const key of keys) entries.delete(key)
  try {
    for (const [key, value] of put) entries.put(value, key)
  } catch (error) {
    throw putFailure(error)
  }
  return ranges.length + keys.length + put.length
}
