import type { StoreValue } from '@holdfast/core'

const BYTES = 0
const ODD_TEXT = 1

/** What a column holds: well-formed text as it is, anything else as tagged bytes. */
export type Column = string | Uint8Array

/**
 * UTF-16 code units, big end first: SQLite compares blobs byte by byte, which is then the order of
 * JavaScript strings. Its own text order (UTF-8) puts U+FFFD before a surrogate pair.
 */
export function keyToBlob(key: string): Uint8Array {
  return Buffer.from(key, 'utf16le').swap16()
}

export function blobToKey(blob: Uint8Array): string {
  return Buffer.from(blob).swap16().toString('utf16le')
}

/** UTF-8 has no lone surrogates, so text that has one is kept as UTF-16. */
export function valueToColumn(value: StoreValue): Column {
  if (typeof value !== 'string') return Buffer.concat([Uint8Array.of(BYTES), value])
  if (value.isWellFormed()) return value
  return Buffer.concat([Uint8Array.of(ODD_TEXT), Buffer.from(value, 'utf16le')])
}

export function columnToValue(column: Column): StoreValue {
  if (typeof column === 'string') return column
  const rest = column.subarray(1)
  return column[0] === BYTES ? Uint8Array.from(rest) : Buffer.from(rest).toString('utf16le')
}
