import type { ScanRange, StoreValue, WriteBatch, WriteOptions } from '@holdfast/core'
import { promisifyRequest } from 'idb-keyval'
import { conflicting } from './failures.ts'

type Entry = [key: string, value: StoreValue]

/** Resolves when the transaction is durable; rejects with what aborted it. */
export function complete(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
}

/** Everything happens in `transaction`, the check of `expect` too. */
export function applyBatch(
  entries: IDBObjectStore,
  transaction: IDBTransaction,
  batch: WriteBatch,
  expect: WriteOptions['expect'],
): Promise<void> {
  let failure: unknown
  const giveUp = (reason: unknown) => {
    failure = reason
    transaction.abort()
  }
  const proceed = () => {
    try {
      issue(entries, batch)
      // Without this the browser waits for the answer to the last request before it commits.
      transaction.commit()
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
  return complete(transaction).catch((error: unknown) => {
    throw failure ?? error
  })
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

function issue(entries: IDBObjectStore, batch: WriteBatch): void {
  for (const { from, to } of batch.deleteRanges ?? []) {
    if (from < to) entries.delete(IDBKeyRange.bound(from, to, false, true))
  }
  for (const key of batch.delete ?? []) entries.delete(key)
  for (const [key, value] of batch.put ?? []) entries.put(value, key)
}
