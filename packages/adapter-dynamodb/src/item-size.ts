import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** Largest item, in bytes as DynamoDB counts them. */
export const MAX_ITEM_BYTES = 409_600
/** Largest sort key in UTF-8 bytes. */
export const MAX_SORT_KEY_BYTES = 1_024
/** Largest partition key in UTF-8 bytes. */
export const MAX_PARTITION_KEY_BYTES = 2_048

export type Item = Record<string, AttributeValue>

/**
 * The size of an item as DynamoDB counts it: for each top-level attribute the bytes of its name and
 * of its value. Exact but for numbers, which AWS calls approximate.
 */
export function itemSize(item: Item): number {
  let bytes = 0
  for (const [name, value] of Object.entries(item)) bytes += utf8Length(name) + valueSize(value)
  return bytes
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return utf8Length(value.S)
  if (value.N !== undefined) return numberSize(value.N)
  if (value.B !== undefined) return value.B.byteLength
  if (value.L !== undefined) return value.L.reduce((sum, item) => sum + 1 + valueSize(item), 3)
  if (value.M !== undefined) {
    return Object.entries(value.M).reduce(
      (sum, [key, item]) => sum + 1 + utf8Length(key) + valueSize(item),
      3,
    )
  }
  return 1
}

/** One byte, one for each pair of significant digits counted from the decimal point, one for a minus. */
export function numberSize(text: string): number {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().replace(/^[+-]/, '').split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = whole + fraction
  const first = digits.search(/[1-9]/)
  if (first === -1) return 1
  const last = digits.length - 1 - [...digits].reverse().findIndex((digit) => digit !== '0')
  // Places of the first and last significant digit relative to the decimal point; 0 is just left of it.
  const point = whole.length + Number(exponent)
  const firstPair = Math.floor((first - point) / 2)
  const lastPair = Math.floor((last - point) / 2)
  return 1 + (lastPair - firstPair + 1) + Number(text.startsWith('-'))
}

/** Bytes of `text` in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    // A surrogate pair is two units of JavaScript and four bytes.
    if (unit >= 0xd800 && unit < 0xdc00 && text.charCodeAt(i + 1) >> 10 === 0x37) i++
  }
  return bytes
}
