import { type ErrorCode, type HoldfastError, isHoldfastError } from '@holdfast/core'

/** What a failed case throws: what was seen, and what the author of the adapter has to change. */
export class ConformanceFailure extends Error {
  override readonly name = 'ConformanceFailure'
}

/** The failure of a case: its own, or one that says which call failed although it must succeed. */
export function asFailure(title: string, error: unknown): ConformanceFailure {
  if (error instanceof ConformanceFailure) return error
  return new ConformanceFailure(
    `A call failed that must succeed, in: ${title}.\n  received: ${String(error)}`,
    { cause: error },
  )
}

export function fail(advice: string): never {
  throw new ConformanceFailure(advice)
}

export function check(holds: boolean, advice: string): asserts holds {
  if (!holds) fail(advice)
}

/** Deep equality of JSON values, bytes and undefined; the order of object keys does not matter. */
export function checkEqual(actual: unknown, expected: unknown, advice: string): void {
  if (isSame(actual, expected)) return
  fail(`${advice}\n  expected: ${show(expected)}\n  received: ${show(actual)}`)
}

/** The call must fail with a HoldfastError of one of `codes`; returns it. */
export async function checkFails(
  call: Promise<unknown>,
  codes: ErrorCode | readonly ErrorCode[],
  advice: string,
): Promise<HoldfastError> {
  const allowed = typeof codes === 'string' ? [codes] : codes
  const wanted = allowed.map((code) => `\`${code}\``).join(' or ')
  let error: unknown
  try {
    await call
  } catch (thrown) {
    error = thrown
    if (!isHoldfastError(error)) {
      fail(`${advice}\n  expected: a HoldfastError with code ${wanted}\n  received: ${String(thrown)}`)
    }
    check(
      allowed.includes(error.code),
      `${advice}\n  expected: code ${wanted}\n  received: ${error.code} (${error.message})`,
    )
    check(error.message.length > 0, 'A HoldfastError needs a message: what failed, what is safe, what to do.')
    return error
  }
  return fail(`${advice}\n  expected: a HoldfastError with code ${wanted}\n  received: no error`)
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array) || a.length !== b.length) return false
    return a.every((byte, i) => byte === b[i])
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key]))
}

const SHOWN = 400

function show(value: unknown): string {
  const text =
    value instanceof Uint8Array ? `bytes [${value.slice(0, 16)}…]` : (JSON.stringify(value) ?? String(value))
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text
}
