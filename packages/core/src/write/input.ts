import type { Document } from '../model/document.ts'
import { isPlainObject } from '../model/json.ts'
import { checkDocument } from '../model/validate.ts'
import { checkSchema } from './check-schema.ts'
import type { WriteRules } from './rules.ts'

type RandomHex = (digits: number) => string

/** A whole document as it is to be written; a promise only where its schema makes one. Throws what is wrong with it. */
export function checkInput({ schema, limits }: WriteRules, input: object): Document | Promise<Document> {
  const document = checkDocument(input, limits)
  if (schema === null) return document
  const checked = (output: unknown) => checkDocument(withId(output, document.id), limits)
  const checking = checkSchema(schema, document, limits.collection)
  return checking instanceof Promise ? checking.then(checked) : checked(checking)
}

/** What is no plain object, or cannot be read, stays as it is, and is refused by the check that follows. */
export function withNewId(input: object, randomHex: RandomHex): object {
  if (!isPlainObject(input) || Object.hasOwn(input, 'id')) return input
  try {
    return { id: newId(randomHex), ...input }
  } catch {
    return input
  }
}

function newId(randomHex: RandomHex): string {
  const hex = randomHex(32)
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** A schema that does not know `id` may have taken it away. */
function withId(output: unknown, id: string): unknown {
  return isPlainObject(output) && !Object.hasOwn(output, 'id') ? { id, ...output } : output
}
