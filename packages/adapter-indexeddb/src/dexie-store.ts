import type { LocalStore } from '@holdfast/core'
import { DexieSession } from './dexie-session.ts'
import type { IndexedDbOptions } from './options.ts'
import { SessionStore } from './store.ts'

/**
 * A LocalStore on Dexie, for applications that have Dexie already. The promises and the layout are
 * those of `indexedDb`: either store opens what the other made.
 */
export function dexieStore(options: IndexedDbOptions = {}): LocalStore {
  return new SessionStore(DexieSession.open, options)
}
