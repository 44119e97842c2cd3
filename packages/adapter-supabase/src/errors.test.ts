import { expect, test } from 'vitest'
import type { RpcError } from './client.ts'
import { toHoldfastError } from './errors.ts'

/** As hosted and as self-hosted PostgREST, the gateway and supabase-js report them. */
const cases: [code: string, error: RpcError, status: number][] = [
  [
    'remote_not_installed',
    { code: 'PGRST202', message: 'Could not find the function public.holdfast_pull' },
    404,
  ],
  ['remote_not_installed', { code: '42883', message: 'function holdfast_pull(jsonb) does not exist' }, 404],
  ['remote_not_installed', { code: '42P01', message: 'relation "holdfast.feed" does not exist' }, 404],
  ['remote_not_installed', { code: 'PGRST205', message: 'Could not find the table' }, 404],
  ['remote_not_installed', { code: '3F000', message: 'schema "holdfast" does not exist' }, 400],
  ['remote_not_installed', { code: 'HF003', message: 'The table x is not synced.' }, 400],
  ['protocol', { code: '42P01', message: 'relation "people" does not exist' }, 404],
  ['protocol', { code: '42501', message: 'permission denied for table contacts' }, 403],
  ['protocol', { code: 'HF002', message: 'not here' }, 400],
  ['protocol', { code: 'XX000', message: 'internal' }, 500],
  ['protocol', { code: 'PGRST102', message: 'Empty or invalid json' }, 400],
  ['protocol', { message: '<html>Request Entity Too Large</html>' }, 413],
  ['auth', { code: 'PGRST301', message: 'JWT expired' }, 401],
  ['auth', { code: 'PGRST303', message: 'JWT expired' }, 401],
  ['auth', { code: 'PGRST302', message: 'Anonymous access is disabled' }, 401],
  ['auth', { code: '42501', message: 'permission denied for function holdfast_pull' }, 403],
  ['auth', { message: 'Invalid API key' }, 401],
  ['moved', { code: 'HF001', message: 'sealed' }, 400],
  ['timeout', { code: '57014', message: 'canceling statement due to statement timeout' }, 500],
  ['timeout', { message: 'TimeoutError: The operation timed out' }, 0],
  ['timeout', { message: '<html>504</html>' }, 504],
  ['throttled', { code: '53300', message: 'too many connections' }, 503],
  ['throttled', { code: '25006', message: 'cannot execute INSERT in a read-only transaction' }, 405],
  ['throttled', { code: 'PGRST003', message: 'Timed out acquiring connection from connection pool.' }, 504],
  ['throttled', { message: 'rate limit' }, 429],
  ['network', { code: '40P01', message: 'deadlock detected' }, 500],
  ['network', { code: '57P01', message: 'terminating connection' }, 503],
  ['network', { code: '08006', message: 'connection failure' }, 503],
  ['network', { code: 'PGRST000', message: 'Could not connect with the database' }, 503],
  ['network', { message: '<html>Bad gateway</html>' }, 502],
  ['network', { message: '<html>Log in to the hotel</html>' }, 200],
  ['network', { message: 'TypeError: fetch failed', code: '' }, 0],
]

test.each(cases)('%s: %o under status %i', (code, error, status) => {
  const failure = toHoldfastError(error, status, 'pull')
  expect(failure.code).toBe(code)
  expect(failure.retryable).toBe(['network', 'timeout', 'throttled'].includes(code))
  expect(failure.message).toMatch(/safe/)
  if (code === 'throttled') expect(failure.details.retryAfter).toBeGreaterThan(0)
})

test('what the server said stays out of the message', () => {
  const error = { code: '23505', message: 'Key (email)=(ada@example.org) already exists.' }
  expect(toHoldfastError(error, 409, 'push').message).not.toContain('ada')
})
