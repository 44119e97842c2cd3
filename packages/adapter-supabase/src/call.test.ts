import { createClient } from '@supabase/supabase-js'
import { expect, test } from 'vitest'
import { call } from './call.ts'

test('says in the URL what PostgREST would parse the body for', async () => {
  const asked: string[] = []
  const client = createClient('http://127.0.0.1:9', 'key', {
    auth: { persistSession: false, autoRefreshToken: false },
    global: {
      async fetch(url) {
        asked.push(String(url))
        return Response.json({ of: 0, others: [] })
      },
    },
  })
  const answer = await call(client, 'push', { request: {}, signal: new AbortController().signal })
  expect(answer).toEqual({ data: { of: 0, others: [] } })
  expect(asked).toEqual(['http://127.0.0.1:9/rest/v1/rpc/holdfast_push?columns=body'])
})

test('does without where the client does not show its URL', async () => {
  const client = {
    rpc: () => ({ abortSignal: async () => ({ data: 1, error: null, status: 200 }) }),
  }
  const answer = await call(client, 'pull', { request: {}, signal: new AbortController().signal })
  expect(answer).toEqual({ data: 1 })
})
