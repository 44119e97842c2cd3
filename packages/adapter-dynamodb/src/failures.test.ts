import { HoldfastError } from '@holdfast/core'
import { expect, test } from 'vitest'
import { classify, throttled } from './failures.ts'

const sdkError = (name: string, rest: object = {}) =>
  Object.assign(new Error('secret document'), { name, ...rest })
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } })

test.each([
  ['ResourceNotFoundException', status(400), 'remote_not_installed'],
  ['ThrottlingException', status(400), 'throttled'],
  ['ProvisionedThroughputExceededException', status(400), 'throttled'],
  ['', status(429), 'throttled'],
  ['ExpiredTokenException', status(400), 'auth'],
  ['UnrecognizedClientException', status(400), 'auth'],
  ['AccessDeniedException', status(400), 'auth'],
  ['CredentialsProviderError', {}, 'auth'],
  ['', status(403), 'auth'],
  ['ValidationException', status(400), 'protocol'],
  ['InternalServerError', status(500), 'network'],
  ['', status(503), 'network'],
  ['SyntaxError', status(200), 'network'],
  ['TimeoutError', {}, 'timeout'],
  ['TimeoutError', { code: 'ETIMEDOUT' }, 'timeout'],
  ['TimeoutError', { code: 'ECONNRESET' }, 'network'],
  ['Error', { code: 'ECONNREFUSED' }, 'network'],
  ['Error', { ...status(400), code: 'ECONNRESET' }, 'network'],
  ['TypeError', status(400), 'network'],
  ['TypeError', {}, 'network'],
])('%s %o is %s', (name, rest, code) => {
  const error = classify(sdkError(name, rest))
  expect(error.code).toBe(code)
  expect(error.message).not.toContain('secret')
})

test('a wait that a server asks for is kept, in ms', () => {
  const error = sdkError('', { ...status(429), $response: { headers: { 'retry-after': '7' } } })
  expect(classify(error).details.retryAfter).toBe(7_000)
  expect(throttled(undefined).details.retryAfter).toBe(1_000)
})

test('whatever fails after the signal fired is aborted', () => {
  expect(classify(sdkError('ValidationException', status(400)), AbortSignal.abort()).code).toBe('aborted')
})

test('an error that is classified stays as it is', () => {
  const error = new HoldfastError('moved', 'gone')
  expect(classify(error)).toBe(error)
})
