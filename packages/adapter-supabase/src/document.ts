import { type Document, isPlainObject, type JsonValue } from '@holdfast/core'

/** SQL NULL and an absent field are one: a document never has a top-level null. */
export function withoutNulls(value: Readonly<Record<string, unknown>>): Document {
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (value[key] !== null) {
      if (key === '__proto__') setField(kept, key, value[key])
      else kept[key] = value[key]
    }
  }
  return kept as Document
}

/** An assignment would set the prototype. */
function setField(document: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(document, name, { value, enumerable: true, configurable: true, writable: true })
}

interface Columns {
  readonly columns: readonly string[]
  /** The values of each column. */
  readonly values: readonly (readonly unknown[] | null)[]
  readonly at: number
}

/** The document of a row. Its fields are set in one order, as the fastest objects want it. */
export function fromColumns(id: string, { columns, values, at }: Columns): Document {
  const document: Record<string, unknown> = { id }
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as string
    const value = values[i]?.[at]
    if (value === null || value === undefined) continue
    if (column === '__proto__') setField(document, column, value)
    else document[column] = value
  }
  return document as Document
}

export function hasNulls(value: Document): boolean {
  return Object.values(value).some((item) => item === null)
}

/** The first top-level field that PostgreSQL cannot store as it is: NUL, or half a surrogate pair. */
export function unstorableField(value: Document): string | undefined {
  return Object.keys(value).find((key) => !isStorable(key) || !isStorableValue(value[key]))
}

export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function isStorableValue(value: JsonValue | undefined): boolean {
  if (typeof value === 'string') return isStorable(value)
  if (Array.isArray(value)) return value.every(isStorableValue)
  if (isPlainObject(value)) {
    return Object.entries(value).every(([key, item]) => isStorable(key) && isStorableValue(item as JsonValue))
  }
  return true
}

/** What a value takes as JSON in UTF-8 at most: a character that is escaped takes six bytes, a number 24. */
export function mostBytesOf(value: unknown): number {
  if (typeof value === 'string') return 2 + 6 * value.length
  if (typeof value !== 'object' || value === null) return 24
  let bytes = 2
  if (Array.isArray(value)) for (const item of value) bytes += 1 + mostBytesOf(item)
  else for (const [key, item] of Object.entries(value)) bytes += 4 + 6 * key.length + mostBytesOf(item)
  return bytes
}
