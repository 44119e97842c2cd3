import type { ScanRange, StoreValue, WriteBatch, WriteOptions } from '@holdfast/core'
import { type DexieDatabase, innermost } from './dexie-database.ts'
import { conflicting, putFailure } from './failures.ts'

/**
 * Within the transaction nothing is awaited but Dexie's own promises. A single put goes the same way
 * as any batch: by Dexie's shorter one it would begin before what was issued earlier.
 */
export async function applyBatch(
  { dexie, entries }: DexieDatabase,
  batch: WriteBatch,
  expect: WriteOptions['expect'],
): Promise<void> {
  const { deleteRanges = [], delete: keys = [], put = [] } = batch
  await dexie.transaction('rw', entries, async () => {
    if (expect !== undefined && ((await entries.get(expect.key)) ?? null) !== expect.value)
      throw conflicting()
    for (const { from, to } of deleteRanges) {
      if (from < to) await entries.where(':id').between(from, to, true, false).delete()
    }
    if (keys.length > 0) await entries.bulkDelete([...keys])
    if (put.length > 0)
      await entries
        .bulkPut(
          put.map(([, value]) => value),
          put.map(([key]) => key),
        )
        .catch((error: unknown) => {
          throw putFailure(innermost(error))
        })
  })
}

export function scanEntries(
  { dexie, entries }: DexieDatabase,
  { from, to, limit, reverse = false }: ScanRange,
): Promise<[key: string, value: StoreValue][]> {
  const select = () => {
    const forwards = entries.where(':id').between(from, to, true, false)
    const directed = reverse ? forwards.reverse() : forwards
    return limit === undefined ? directed : directed.limit(limit)
  }
  return dexie.transaction('r', entries, async () => {
    const [keys, values] = await Promise.all([select().primaryKeys(), select().toArray()])
    return keys.map((key, index): [string, StoreValue] => [key, values[index] as StoreValue])
  }) as Promise<[key: string, value: StoreValue][]>
}
