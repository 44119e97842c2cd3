import { HoldfastError, type WriteBatch } from '@holdfast/core'

/** Several records of this size and a journal must fit beside each other in 5 MB. */
export const MAX_VALUE_BYTES = 1024 * 1024

const encoder = new TextEncoder()

/** Refuses, before anything is written, what this store does not take. */
export function assertStorable({ put = [] }: WriteBatch): void {
  for (const [key, value] of put) {
    if (typeof key === 'string' && typeof value === 'string' && fits(value)) continue
    throw new HoldfastError(
      'invalid_value',
      `This store takes strings of at most ${MAX_VALUE_BYTES} bytes. Nothing of this batch was written.`,
      { details: { maxValueBytes: MAX_VALUE_BYTES } },
    )
  }
}

/** A UTF-16 unit is at most three bytes of UTF-8, so most values need no counting. */
const fits = (value: string): boolean =>
  value.length * 3 <= MAX_VALUE_BYTES || encoder.encode(value).byteLength <= MAX_VALUE_BYTES
