export { dexieStore } from './dexie-store.ts'
export type { IndexedDbOptions } from './options.ts'
