export { indexedDb } from './indexed-db.ts'
export type { IndexedDbOptions } from './options.ts'
