import type { SchemaIssue, SchemaResult, StandardSchema } from '../contracts/schema.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'

/** The schema's output for `value`; a promise only if the schema is asynchronous. Throws `schema_mismatch`. */
export function checkSchema(schema: StandardSchema, value: unknown, collection: string): unknown {
  const result = schema['~standard'].validate(value)
  return result instanceof Promise
    ? result.then((settled) => outputOf(settled, collection))
    : outputOf(result, collection)
}

function outputOf(result: SchemaResult<unknown>, collection: string): unknown {
  if (result.issues === undefined) return result.value
  const issues = result.issues.map((issue) => ({ path: pathOf(issue), message: issue.message }))
  const places = issues.map(({ path }) => `"${path}"`).join(', ')
  throw new HoldfastError(
    'schema_mismatch',
    `${collection}: the document does not match the schema at ${places}. Nothing was written. See details.issues.`,
    { details: { collection, issues } },
  )
}

function pathOf({ path }: SchemaIssue): string {
  return (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
}
