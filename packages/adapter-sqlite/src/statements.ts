import type { DatabaseSync } from 'node:sqlite'
import type { ScanRange, StoreValue, WriteBatch, WriteOptions } from '@holdfast/core'
import { blobToKey, type Column, columnToValue, keyToBlob, valueToColumn } from './codec.ts'
import { conflicting } from './failures.ts'

export interface Statements {
  get(key: string): StoreValue | undefined
  scan(range: ScanRange): [key: string, value: StoreValue][]
  apply(batch: WriteBatch, durability: 'strict' | 'relaxed', expect: WriteOptions['expect']): void
}

/** Everything here is synchronous and this connection is the only one, so calls cannot interleave. */
export function prepare(database: DatabaseSync): Statements {
  const get = database.prepare('SELECT value FROM entries WHERE key = ?')
  const forwards = database.prepare(scanSql('ASC'))
  const backwards = database.prepare(scanSql('DESC'))
  const put = database.prepare(
    'INSERT INTO entries (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  const remove = database.prepare('DELETE FROM entries WHERE key = ?')
  const removeRange = database.prepare('DELETE FROM entries WHERE key >= ? AND key < ?')
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const touch = database.prepare('UPDATE holdfast SET flushes = flushes + 1')
  let synchronous: 'strict' | 'relaxed' | undefined
  let unflushed = false

  const read = (key: string): StoreValue | undefined => {
    const row = get.get(keyToBlob(key))
    return row === undefined ? undefined : columnToValue(row.value as Column)
  }

  /** FULL flushes the log at each commit; NORMAL leaves that to the system, which outlives this process. */
  const setDurability = (durability: 'strict' | 'relaxed') => {
    if (durability === synchronous) return
    database.exec(`PRAGMA synchronous = ${durability === 'strict' ? 'FULL' : 'NORMAL'}`)
    synchronous = durability
  }

  const issue = ({ deleteRanges = [], delete: keys = [], put: entries = [] }: WriteBatch) => {
    for (const { from, to } of deleteRanges) removeRange.run(keyToBlob(from), keyToBlob(to))
    for (const key of keys) remove.run(keyToBlob(key))
    for (const [key, value] of entries) put.run(keyToBlob(key), valueToColumn(value))
  }

  return {
    get: read,
    scan({ from, to, limit = -1, reverse = false }) {
      const rows = (reverse ? backwards : forwards).all(keyToBlob(from), keyToBlob(to), limit)
      return rows.map(({ key, value }) => [blobToKey(key as Uint8Array), columnToValue(value as Column)])
    },
    apply(batch, durability, expect) {
      if (expect !== undefined && (read(expect.key) ?? null) !== expect.value) throw conflicting()
      setDurability(durability)
      const flush = durability === 'strict' && unflushed
      // One statement is a transaction by itself.
      if (countStatements(batch) === 1 && !flush) issue(batch)
      else {
        begin.run()
        try {
          issue(batch)
          // SQLite skips a commit that changes nothing, and with it the flush of what stood before.
          if (flush) touch.run()
          commit.run()
        } catch (error) {
          if (database.isTransaction) database.exec('ROLLBACK')
          throw error
        }
      }
      unflushed = durability === 'relaxed'
    },
  }
}

const scanSql = (order: string) =>
  `SELECT key, value FROM entries WHERE key >= ? AND key < ? ORDER BY key ${order} LIMIT ?`

const countStatements = ({ deleteRanges = [], delete: keys = [], put = [] }: WriteBatch): number =>
  deleteRanges.length + keys.length + put.length
