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

test('sends what the client would send', async () => {
  const request = { mutations: [['m', { text: 'ä€ \u2028 </"', n: 0.1, none: null }]], columns: {} }
  const bodies: unknown[] = []
  const global = {
    async fetch(_url: unknown, init?: RequestInit) {
      bodies.push({ ...init, headers: [...new Headers(init?.headers)] })
      return Response.json({})
    },
  }
  const auth = { persistSession: false, autoRefreshToken: false }
  const client = createClient('http://127.0.0.1:9', 'key', { auth, global })
  const { signal } = new AbortController()
  await client.rpc('holdfast_push', request).abortSignal(signal)
  await call(client, 'push', { request, signal })
  await call(client, 'push', { request, text: JSON.stringify(request), signal })
  expect(bodies).toHaveLength(3)
  expect(bodies[1]).toEqual(bodies[0])
  expect(bodies[2]).toEqual(bodies[0])
})

test('does without where the client does not show its URL', async () => {
  const client = {
    rpc: () => ({ abortSignal: async () => ({ data: 1, error: null, status: 200 }) }),
  }
  const answer = await call(client, 'pull', { request: {}, signal: new AbortController().signal })
  expect(answer).toEqual({ data: 1 })
})
