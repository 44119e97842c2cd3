import type { SchemaIssue, SchemaResult, StandardSchema } from '../contracts/schema.ts'
import { HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'

/** The schema's output for `value`; a promise only if the schema is asynchronous. Throws `schema_mismatch`. */
export function checkSchema(schema: StandardSchema, value: unknown, collection: string): unknown {
  try {
    const result = schema['~standard'].validate(value)
    if (!(result instanceof Promise)) return outputOf(result, collection)
    return result.then(
      (settled) => outputOf(settled, collection),
      (cause) => {
        throw brokenSchema(cause, collection)
      },
    )
  } catch (cause) {
    throw isHoldfastError(cause) ? cause : brokenSchema(cause, collection)
  }
}

/** A schema reports issues; one that throws instead is at fault itself. */
function brokenSchema(cause: unknown, collection: string): HoldfastError {
  return new HoldfastError(
    'schema_mismatch',
    `${collection}: the schema threw an error instead of a result. Nothing was written. See cause, and mend the schema.`,
    { cause, details: { collection } },
  )
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
