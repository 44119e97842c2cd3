import { expect, test, vi } from 'vitest'
import { supabase } from './index.ts'

/** Stands in for the Realtime side of supabase-js; no server of it is involved. */
function fakeRealtime() {
  const changes: (() => void)[] = []
  const filters: unknown[] = []
  let status: (status: string) => void = () => undefined
  const channel = {
    on(_type: string, filter: unknown, callback: () => void) {
      filters.push(filter)
      changes.push(callback)
      return channel
    },
    subscribe(callback: (status: string) => void) {
      status = callback
      return channel
    },
  }
  const removeChannel = vi.fn(async () => 'ok')
  const client = {
    rpc: () => ({ abortSignal: async () => ({ data: null, error: null, status: 200 }) }),
    channel: () => channel,
    removeChannel,
  }
  return {
    client,
    filters,
    removeChannel,
    change: () => changes[0]?.(),
    tell: (word: string) => status(word),
  }
}

test('pokes on each change and after each (re)subscription, not after the stop', () => {
  const realtime = fakeRealtime()
  const poke = vi.fn()
  const stop = supabase({ client: realtime.client }).subscribe?.(poke)
  realtime.tell('SUBSCRIBED')
  expect(poke).toHaveBeenCalledTimes(1)
  realtime.change()
  expect(poke).toHaveBeenCalledTimes(2)
  realtime.tell('CHANNEL_ERROR')
  expect(poke).toHaveBeenCalledTimes(2)
  realtime.tell('SUBSCRIBED')
  expect(poke).toHaveBeenCalledTimes(3)
  stop?.()
  realtime.change()
  expect(poke).toHaveBeenCalledTimes(3)
  expect(realtime.removeChannel).toHaveBeenCalledTimes(1)
})

test('every schema in use is watched', () => {
  const realtime = fakeRealtime()
  supabase({
    client: realtime.client,
    tables: { deals: 'crm.deals', leads: 'crm.leads', notes: 'memos' },
  }).subscribe?.(() => {})
  expect(realtime.filters).toEqual([
    { event: '*', schema: 'public' },
    { event: '*', schema: 'crm' },
  ])
})

test('closing ends every subscription', async () => {
  const realtime = fakeRealtime()
  const remote = supabase({ client: realtime.client })
  remote.subscribe?.(() => {})
  await remote.close?.()
  expect(realtime.removeChannel).toHaveBeenCalledTimes(1)
})

test('a client without Realtime makes a remote that does not claim pokes', () => {
  const { rpc } = fakeRealtime().client
  const remote = supabase({ client: { rpc } })
  expect(remote.capabilities.pokes).toBe(false)
  expect(remote.subscribe).toBeUndefined()
})
