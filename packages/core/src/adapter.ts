/*
 * For authors of adapters: what every local store has to check, and failures sorted by their codes.
 * Applications need nothing of this.
 */
export { chooseDurability } from './adapter/durability.ts'
export { statusError } from './adapter/status-error.ts'
export { assertStorable } from './adapter/storable.ts'
export { storeError } from './adapter/store-error.ts'
