import { type ErrorCode, HoldfastError, isHoldfastError } from '@holdfast/core'
import { abortedError } from './runtime.ts'

const AUTH = new Set([
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'NotAuthorizedException',
  'TokenProviderError',
  'UnrecognizedClientException',
])
const THROTTLED = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'ThrottlingError',
  'TooManyRequestsException',
])
/** DynamoDB says nothing about how long to wait. */
const THROTTLE_MS = 1_000

/** What an SDK error tells; every part may be missing. */
interface SdkFailure {
  readonly name?: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> }
}

/** Sorts any failure of an SDK call into the codes of the RemoteStore contract. */
export function classify(error: unknown, signal?: AbortSignal): HoldfastError {
  if (isHoldfastError(error)) return error
  if (signal?.aborted) return abortedError()
  const failure = (typeof error === 'object' && error !== null ? error : {}) as SdkFailure
  const name = failure.name ?? ''
  const status = failure.$metadata?.httpStatusCode ?? failure.$response?.statusCode
  if (name === 'ResourceNotFoundException') return fail('remote_not_installed', error)
  if (THROTTLED.has(name) || status === 429) return throttled(error, retryAfter(failure))
  if (AUTH.has(name) || status === 401 || status === 403) return fail('auth', error)
  // The SDK names a connection that was reset or closed `TimeoutError` too.
  if (name === 'TimeoutError' && (failure.code ?? 'ETIMEDOUT') === 'ETIMEDOUT') return fail('timeout', error)
  // An answer that is not DynamoDB's: cut short, or made by something in between.
  if (name === 'SyntaxError' || isCut(failure)) return fail('network', error)
  if (status !== undefined && status >= 500) return fail('network', error, retryAfter(failure))
  if (status !== undefined && status >= 400) return fail('protocol', error)
  return fail('network', error)
}

/** The body broke off, whatever its status was: a socket's error in Node, a TypeError of fetch. */
function isCut({ name, code }: SdkFailure): boolean {
  return name === 'TypeError' || /^(E[A-Z]+|ERR_[A-Z_]+)$/.test(code ?? '')
}

/** `throttled`, to be tried again after `ms`. */
export function throttled(cause: unknown, ms: number = THROTTLE_MS): HoldfastError {
  return new HoldfastError('throttled', MESSAGES.throttled, {
    cause,
    retryable: true,
    details: { retryAfter: ms },
  })
}

/** DynamoDB's answer or the table's content is not what this package wrote. */
export function protocolError(what: string, details: Readonly<Record<string, unknown>> = {}): HoldfastError {
  return new HoldfastError('protocol', `${what} Local documents and unsent writes are safe.`, { details })
}

type FailureCode = Extract<
  ErrorCode,
  'network' | 'timeout' | 'throttled' | 'auth' | 'protocol' | 'remote_not_installed'
>

const MESSAGES: Readonly<Record<FailureCode, string>> = {
  network: 'DynamoDB could not be reached, or its answer was cut. Unsent writes are kept and are sent again.',
  timeout: 'DynamoDB did not answer in time. Unsent writes are kept and are sent again.',
  throttled:
    'DynamoDB refuses requests above the capacity of the table. Unsent writes are kept and are sent later.',
  auth: 'DynamoDB refused the credentials, or its policy does not allow this. Unsent writes are kept; renew the credentials or check the policy that holdfast-dynamodb prints.',
  protocol:
    'DynamoDB refused a request that should be valid. Local documents and unsent writes are safe; check that table and package versions fit together.',
  remote_not_installed:
    'The table does not exist. Create it with installDynamoDb or with holdfast-dynamodb. Unsent writes are kept.',
}

function fail(code: FailureCode, cause: unknown, retryAfter?: number): HoldfastError {
  return new HoldfastError(code, MESSAGES[code], {
    cause,
    retryable: code === 'network' || code === 'timeout',
    ...(retryAfter === undefined ? {} : { details: { retryAfter } }),
  })
}

function retryAfter(failure: SdkFailure): number | undefined {
  const seconds = Number(failure.$response?.headers?.['retry-after'])
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined
}
