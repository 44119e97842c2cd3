import { HoldfastError, type WriteBatch } from '@holdfast/core'

/** Refuses, before anything is written, what this store does not take. */
export function assertStorable({ put = [] }: WriteBatch, maxValueBytes: number): void {
  for (const [key, value] of put) {
    if (typeof key === 'string' && fits(value, maxValueBytes)) continue
    throw new HoldfastError(
      'invalid_value',
      `This store takes string keys, and strings or bytes of at most ${maxValueBytes} bytes. Nothing of this batch was written.`,
      { details: { maxValueBytes } },
    )
  }
}

/** A UTF-16 unit is at most three bytes of UTF-8, so most values need no counting. */
function fits(value: unknown, maxValueBytes: number): boolean {
  if (value instanceof Uint8Array) return value.byteLength <= maxValueBytes
  if (typeof value !== 'string') return false
  return value.length * 3 <= maxValueBytes || Buffer.byteLength(value) <= maxValueBytes
}
