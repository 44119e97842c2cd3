import type { LocalStore } from '@holdfast/core'
import { Connection } from './connection.ts'
import type { IndexedDbOptions } from './options.ts'
import { SessionStore } from './store.ts'

/**
 * A LocalStore on IndexedDB. Durability is the browser's own, per transaction: `relaxed` is handed
 * to the operating system when a write resolves, `strict` is flushed to the disk.
 */
export function indexedDb(options: IndexedDbOptions = {}): LocalStore {
  return new SessionStore(Connection.open, options)
}
