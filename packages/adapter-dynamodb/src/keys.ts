/*
 * Sort keys of one space (the partition key is the space itself):
 *
 *   !head                  last number, epoch, layout, seal, count and hash sum per collection
 *   D#<collection>#<id>    the current version of a document, or its tombstone
 *   L#<number, 16 digits>  what one transaction wrote
 */

export const HEAD_KEY = '!head'
export const LOG_PREFIX = 'L#'
const NUMBER_DIGITS = 16

export function logKey(number: number): string {
  return LOG_PREFIX + String(number).padStart(NUMBER_DIGITS, '0')
}

export function numberOfLogKey(key: string): number {
  return Number(key.slice(LOG_PREFIX.length))
}

/** `#` separates, so a collection's own is escaped; an id comes last and needs no escape. */
export function documentPrefix(collection: string): string {
  return `D#${collection.replace(/[%#]/g, encodeURIComponent)}#`
}

export function documentKey(collection: string, id: string): string {
  return documentPrefix(collection) + id
}
