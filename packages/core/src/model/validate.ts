import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Document } from './document.ts'
import { isPlainObject, type JsonObject } from './json.ts'
import { faultOf, type JsonFault, type JsonLimits, walkJson } from './json-walk.ts'
import { utf8Length } from './text-size.ts'

export const MAX_ID_BYTES = 512

export interface DocumentLimits extends JsonLimits {
  readonly collection: string
}

/**
 * A frozen copy of `value` that shares nothing with it. Throws `invalid_document`, `invalid_id`,
 * `invalid_value` (details: path, found), `forbidden_key` or `document_too_large` (details:
 * bytes, limit; where the walk stopped early, `bytes` is what it had counted by then).
 */
export function checkDocument(value: unknown, limits: DocumentLimits): Document {
  const copy = walk(value, limits, { copy: true })
  checkId(copy.id, limits)
  return copy as unknown as Document
}

/**
 * A copy of a patch's fields, without `id`, frozen inside. Throws as `checkDocument` does; `invalid_id` if the
 * patch carries another id than `id`. The document that results must pass `checkSize` by itself.
 */
export function checkPatch(patch: unknown, limits: DocumentLimits & { readonly id: string }): JsonObject {
  const copy = walk(patch, limits, { copy: true })
  if (!Object.hasOwn(copy, 'id')) return copy as JsonObject
  if (copy.id !== limits.id) throw idError(limits.collection, 'a patch cannot change it')
  const { id: _id, ...fields } = copy
  return fields as JsonObject
}

/**
 * Checks a document that a remote sent, in place, with the same errors as `checkDocument`; one
 * whose id is not the `id` it was sent under is `invalid_id`.
 */
export function checkRemoteValue(
  value: unknown,
  id: string,
  limits: DocumentLimits,
): asserts value is Document {
  const seen = walk(value, limits, { copy: false })
  checkId(seen.id, limits)
  if (seen.id !== id) throw idError(limits.collection, 'it is not the id that the change was sent under')
}

/** Throws `document_too_large`. */
export function checkSize(document: Document, { collection, maxBytes }: DocumentLimits): void {
  const bytes = utf8Length(JSON.stringify(document))
  if (bytes > maxBytes) throw sizeError(collection, { bytes, limit: maxBytes })
}

/** Throws `invalid_id` unless `id` is well-formed text of 1 to 512 bytes of UTF-8 without control characters. */
export function checkId(id: unknown, { collection }: { readonly collection: string }): asserts id is string {
  const fault = idFault(id)
  if (fault !== null) throw idError(collection, fault)
}

/** What most ids are; it costs a fraction of the walk over all of their units. */
const PLAIN_ID = new RegExp(`^[ -~]{1,${MAX_ID_BYTES}}$`)

function idFault(id: unknown): string | null {
  if (typeof id === 'string' && PLAIN_ID.test(id)) return null
  if (id === undefined) return 'it is missing'
  if (typeof id !== 'string')
    return `it is ${id === null ? 'null' : `a value of type ${typeof id}`}, not a string`
  if (id === '') return 'it is empty'
  if (!id.isWellFormed()) return 'it holds a lone surrogate'
  let bytes = 0
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i)
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return 'it holds a control character'
    // Well-formed: each half of a pair stands for two of its four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3
  }
  return bytes > MAX_ID_BYTES ? `it takes ${bytes} bytes of ${MAX_ID_BYTES}` : null
}

function walk(value: unknown, limits: DocumentLimits, options: { readonly copy: boolean }) {
  if (!isPlainObject(value)) throw shapeError(limits.collection, value)
  try {
    return walkJson(value, limits, options) as Record<string, unknown>
  } catch (error) {
    throw faultError(limits, faultOf(error, value))
  }
}

function faultError({ collection, maxBytes: limit }: DocumentLimits, fault: JsonFault): HoldfastError {
  if (fault.kind === 'size') return sizeError(collection, { bytes: fault.bytes, limit })
  const { kind, path, found } = fault
  const place = `"${path.join('.')}"`
  const details = { collection, path, found }
  if (kind === 'key') {
    return refusal('forbidden_key', `${collection}: the key at ${place} could reach a prototype`, {
      advice: 'use another name for it',
      details,
    })
  }
  return refusal('invalid_value', `${collection}: a document cannot hold what is at ${place} (${found})`, {
    advice: 'use JSON values: text for dates and big integers, null or no field for what is not there',
    details,
  })
}

function shapeError(collection: string, value: unknown): HoldfastError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  const what = found === 'object' ? 'class instance' : found
  return refusal('invalid_document', `${collection}: a document must be a plain object, not: ${what}`, {
    advice: 'pass an object literal or the result of JSON.parse',
    details: { collection, found: what },
  })
}

function idError(collection: string, fault: string): HoldfastError {
  return refusal('invalid_id', `${collection}: the document's id cannot be used: ${fault}`, {
    advice: `use a string of 1 to ${MAX_ID_BYTES} bytes without control characters`,
    details: { collection },
  })
}

function sizeError(
  collection: string,
  sizes: { readonly bytes: number; readonly limit: number },
): HoldfastError {
  const fact = `${collection}: the document takes ${sizes.bytes} bytes or more, over the limit of ${sizes.limit}`
  return refusal('document_too_large', fact, {
    advice: 'split it, or keep its large parts elsewhere',
    details: { collection, ...sizes },
  })
}

function refusal(
  code: 'invalid_document' | 'invalid_id' | 'invalid_value' | 'forbidden_key' | 'document_too_large',
  fact: string,
  { advice, details }: { readonly advice: string; readonly details: Readonly<Record<string, unknown>> },
): HoldfastError {
  return new HoldfastError(code, `${fact}. Nothing was changed; ${advice}.`, { details })
}
