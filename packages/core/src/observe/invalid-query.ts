import { HoldfastError } from '../errors/holdfast-error.ts'

/** `what` names fields, operators and types, never operands: those can be contents. */
export function invalidQuery(what: string, details: Readonly<Record<string, unknown>> = {}): HoldfastError {
  return new HoldfastError(
    'invalid_query',
    `The query cannot be run: ${what}. Nothing was read; correct it.`,
    {
      details,
    },
  )
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return value === undefined ? 'undefined' : `a value of type ${typeof value}`
}
