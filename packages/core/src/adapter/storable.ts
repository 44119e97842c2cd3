import type { LocalCapabilities, WriteBatch } from '../contracts/local-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { utf8Length } from '../model/text-size.ts'

type Limits = Pick<LocalCapabilities, 'binary' | 'maxValueBytes'>

/** Refuses with `invalid_value`, before anything is written, what a store does not declare to take. */
export function assertStorable({ put = [] }: WriteBatch, limits: Limits): void {
  for (const [key, value] of put) {
    if (typeof key === 'string' && fits(value, limits)) continue
    const { binary, maxValueBytes } = limits
    throw new HoldfastError(
      'invalid_value',
      `This local store takes keys that are strings, and values that are strings${binary ? ' or bytes' : ''} of at most ${maxValueBytes} bytes. Nothing of this batch was written.`,
      { details: { maxValueBytes } },
    )
  }
}

/** A UTF-16 unit is at most three bytes of UTF-8, so most values need no counting. */
function fits(value: unknown, { binary, maxValueBytes }: Limits): boolean {
  if (value instanceof Uint8Array) return binary && value.byteLength <= maxValueBytes
  if (typeof value !== 'string') return false
  return value.length * 3 <= maxValueBytes || utf8Length(value) <= maxValueBytes
}
