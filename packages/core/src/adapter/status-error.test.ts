import { expect, test } from 'vitest'
import { statusError } from './status-error.ts'

test.each([
  [401, 'auth', false],
  [403, 'auth', false],
  [404, 'protocol', false],
  [408, 'timeout', true],
  [429, 'throttled', true],
  [500, 'network', true],
  [502, 'network', true],
  [503, 'throttled', true],
  [504, 'timeout', true],
])('%i is %s', (status, code, retryable) => {
  expect(statusError(status)).toMatchObject({ code, retryable, details: { status } })
  expect(statusError(status).message).not.toBe('')
})

test.each([
  ['7', 7_000],
  ['0', 0],
  [' 2 ', 2_000],
  ['', 1_000],
  ['-1', 1_000],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 1_000],
  [null, 1_000],
])('retry-after %s is a wait of %i ms', (header, retryAfter) => {
  expect(statusError(429, header).details.retryAfter).toBe(retryAfter)
})
