import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type Fault, scriptedFaults, seededFaults, startFaultProxy } from '../src/index.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** A server that counts what it gets and answers each request with its number. */
async function counter() {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.url ?? '')
    response.end(`answer ${seen.length}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => new Promise((resolve) => server.close(resolve)))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const proxy = await startFaultProxy({ target: `http://127.0.0.1:${address.port}` })
  stops.push(() => proxy.stop())
  const get = (path: string) =>
    fetch(proxy.url + path).then(async (r) => ({ status: r.status, text: await r.text() }))
  return { proxy, seen, get }
}

const cases: [Fault, number, string][] = [
  [{ kind: 'lost-request' }, 0, 'cut'],
  [{ kind: 'lost-response' }, 1, 'cut'],
  [{ kind: 'truncated' }, 1, 'cut'],
  [{ kind: 'duplicate', answer: 'first' }, 2, '200 answer 1'],
  [{ kind: 'duplicate', answer: 'second' }, 2, '200 answer 2'],
  [{ kind: 'status', status: 429, retryAfter: 1 }, 0, '429 injected fault'],
  [{ kind: 'status', status: 500, handled: true }, 1, '500 injected fault'],
  [{ kind: 'delay', ms: 1 }, 1, '200 answer 1'],
]
test.each(cases)('%o reaches the target %i times, and the client sees "%s"', async (fault, times, answer) => {
  const { proxy, seen, get } = await counter()
  proxy.faults.use(scriptedFaults([fault]))
  const saw = await get('/a').then(
    (r) => `${r.status} ${r.text}`,
    () => 'cut',
  )
  expect(saw).toBe(answer)
  expect(seen.length).toBe(times)
  proxy.faults.heal()
  expect((await get('/b')).status).toBe(200)
})

test.each([true, false])('a partition is silent until it heals (one-way: %s)', async (handled) => {
  const { proxy, seen, get } = await counter()
  proxy.faults.use(scriptedFaults([{ kind: 'silence', handled }]))
  const cut = expect(get('/silent')).rejects.toThrow()
  while (proxy.faults.counts.silence !== 1 || (handled && seen.length === 0))
    await new Promise((resolve) => setImmediate(resolve))
  expect((await get('/other')).status).toBe(200)
  proxy.faults.heal()
  await cut
  expect(seen).toEqual(handled ? ['/silent', '/other'] : ['/other'])
})

test('a request that is held reaches the target after a later one', async () => {
  const { proxy, seen, get } = await counter()
  proxy.faults.use(scriptedFaults([{ kind: 'reorder', ms: 60_000 }]))
  const first = get('/first')
  while (proxy.faults.counts.reorder !== 1) await new Promise((resolve) => setImmediate(resolve))
  await get('/second')
  await first
  expect(seen).toEqual(['/second', '/first'])
})

test('a seed chooses the same faults again', () => {
  const request = { method: 'GET', url: '/', headers: {}, body: Buffer.alloc(0) }
  const draw = (seed: number) =>
    Array.from({ length: 200 }, (_, i) => seededFaults(seed, { rate: 0.5 })(i, request)?.kind ?? null)
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(new Set(draw(7)).size).toBe(10)
})
