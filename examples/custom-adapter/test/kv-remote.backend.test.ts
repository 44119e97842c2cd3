import type { PullRequest } from '@holdfast/core'
import { remoteStoreCases, runSuite } from '@holdfast/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kvRemote } from '../src/kv-remote.ts'
import { type KvServer, startKvServer } from '../src/kv-server.ts'

const token = 'token of the test'
let server: KvServer
beforeAll(async () => {
  server = await startKvServer({ token })
})
afterAll(() => server.stop())

runSuite(
  remoteStoreCases({
    capabilities: kvRemote({ url: 'http://127.0.0.1:1', token, space: 'any' }).capabilities,
    open: async ({ space }) => kvRemote({ url: server.url, token, space }),
    endEpoch: async () => server.endEpoch(),
  }),
  { runner: { test } },
)

const request = (): PullRequest => ({
  checkpoints: { notes: null },
  origin: null,
  limit: 10,
  replica: 'a'.repeat(16),
  signal: new AbortController().signal,
})

test.each([
  ['a page of a portal', { status: 200, body: '<html>Sign in</html>' }, { code: 'protocol' }],
  [
    'too many requests',
    { status: 429, body: '', headers: { 'retry-after': '7' } },
    { code: 'throttled', details: { retryAfter: 7_000 } },
  ],
  ['a failure of the service', { status: 500, body: '' }, { code: 'network' }],
  ['an address that is not there', { status: 404, body: '' }, { code: 'protocol' }],
])('%s is told by its code', async (_, fixed, error) => {
  server.answerWith(fixed)
  const pulling = kvRemote({ url: server.url, token, space: 'any' }).pull(request())
  await expect(pulling).rejects.toMatchObject(error)
  server.answerWith(null)
})

test('a token that is refused is auth, a service that is not there is network', async () => {
  const refused = kvRemote({ url: server.url, token: 'other', space: 'any' }).pull(request())
  await expect(refused).rejects.toMatchObject({ code: 'auth' })
  const gone = await startKvServer({ token })
  await gone.stop()
  const unreachable = kvRemote({ url: gone.url, token, space: 'any' }).pull(request())
  await expect(unreachable).rejects.toMatchObject({ code: 'network' })
})
