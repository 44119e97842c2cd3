/*
 * For authors of local stores: checks that every store has to make, made once. Applications need
 * nothing of this.
 */
export { chooseDurability } from './adapter/durability.ts'
export { assertStorable } from './adapter/storable.ts'
