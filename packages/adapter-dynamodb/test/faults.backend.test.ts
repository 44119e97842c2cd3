import type { PushMutation } from '@holdfast/core'
import {
  ALL_FAULTS,
  type Fault,
  type FaultProxy,
  type ProxiedRequest,
  scriptedFaults,
  seededFaults,
  startFaultProxy,
} from '@holdfast/dev-backends'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { dynamoDb } from '../src/index.ts'
import { clientOf, Follower, mutation, push, REPLICA, signal, startTable } from './backend.ts'

let table: Awaited<ReturnType<typeof startTable>>
let proxy: FaultProxy
let client: ReturnType<typeof clientOf>
beforeAll(async () => {
  table = await startTable()
  proxy = await startFaultProxy({ target: table.endpoint })
  client = clientOf(proxy.url)
})
afterEach(() => proxy?.faults.heal())
afterAll(async () => {
  client?.destroy()
  await proxy?.stop()
  await table?.stop()
})

let spaces = 0
function fresh() {
  const space = `space ${++spaces}`
  return {
    remote: dynamoDb({ client, tableName: table.tableName, space }),
    /** Past the proxy. */
    direct: table.open({ space }),
  }
}

const injected = () => Object.values(proxy.faults.counts).reduce((sum, count) => sum + count, 0)

const operation = (name: string) => (request: ProxiedRequest) =>
  String(request.headers['x-amz-target']).endsWith(`.${name}`)

/** The number of versions that a document had: every transaction that took effect stands in the log. */
async function effects(direct: ReturnType<typeof table.open>): Promise<string[]> {
  const revs: string[] = []
  let checkpoint = JSON.stringify(['following', 0, '', '', 0, 0])
  for (;;) {
    // One log item at a time, so that no version hides an older one.
    const page = await direct.pull({
      checkpoints: { notes: checkpoint },
      origin: null,
      limit: 1,
      replica: 'x',
      signal,
    })
    revs.push(...page.changes.map(({ rev }) => rev))
    checkpoint = page.checkpoints.notes ?? checkpoint
    if (!page.hasMore) return revs
  }
}

test.each<[string, Fault]>([
  ['a lost request', { kind: 'lost-request' }],
  ['a lost answer', { kind: 'lost-response' }],
  ['an answer that breaks off', { kind: 'truncated' }],
  ['a page of a captive portal', { kind: 'html' }],
  ['a doubled request, told of the first', { kind: 'duplicate', answer: 'first' }],
  ['a doubled request, told of the second', { kind: 'duplicate', answer: 'second' }],
  ['an error after it took effect', { kind: 'status', status: 500, handled: true }],
  ['an overloaded server', { kind: 'status', status: 503 }],
])('%s, also twice in a row: the push has one effect', async (_name, fault) => {
  const { remote, direct } = fresh()
  const before = mutation('before')
  await push(remote, before)
  const sent = [mutation('a'), mutation('before', { base: before.id })]
  proxy.faults.use(scriptedFaults([fault, fault]), { applies: operation('TransactWriteItems') })
  await push(remote, ...sent).catch((error: unknown) => {
    expect(error).toMatchObject({ code: 'network', retryable: true })
  })
  proxy.faults.heal()
  for (const outcome of await push(remote, ...sent)) expect(['applied', 'duplicate']).toContain(outcome.kind)
  for (const outcome of await push(remote, ...sent)) expect(outcome.kind).toBe('duplicate')
  expect((await effects(direct)).filter((rev) => sent.some(({ id }) => id === rev)).length).toBe(2)
})

test.each<[string, Fault, object]>([
  ['expired credentials', { kind: 'status', status: 403 }, { code: 'auth' }],
  ['throttling', { kind: 'status', status: 429 }, { code: 'throttled', details: { retryAfter: 1_000 } }],
  [
    'throttling with a wait',
    { kind: 'status', status: 429, retryAfter: 0 },
    { code: 'throttled', details: { retryAfter: 0 } },
  ],
])('%s: a class of its own, nothing changed', async (_name, fault, failure) => {
  const { remote, direct } = fresh()
  await push(remote, mutation('before'))
  proxy.faults.use(() => fault)
  await expect(push(remote, mutation('a'))).rejects.toMatchObject(failure)
  await expect(new Follower(remote).catchUp()).rejects.toMatchObject(failure)
  proxy.faults.heal()
  expect((await effects(direct)).length).toBe(1)
})

test('a refusal that breaks off is a cut connection, and no fault of what was sent', async () => {
  const { remote } = fresh()
  const before = mutation('a')
  await push(remote, before)
  proxy.faults.use(() => ({ kind: 'truncated' }), { applies: operation('TransactWriteItems') })
  await expect(push(remote, mutation('a'))).rejects.toMatchObject({ code: 'network', retryable: true })
  proxy.faults.heal()
  expect(await push(remote, mutation('a'))).toMatchObject([{ kind: 'conflict', current: { rev: before.id } }])
})

test('what took effect before a failure is told, the rest is handed back', async () => {
  const { remote } = fresh()
  await push(remote, mutation('before'))
  const sent = Array.from({ length: 200 }, (_, i) => mutation(`n${i}`))
  proxy.faults.use((index) => (index === 0 ? null : { kind: 'status', status: 403 }), {
    applies: operation('TransactWriteItems'),
  })
  const outcomes = await push(remote, ...sent)
  expect(outcomes.filter(({ kind }) => kind === 'applied').length).toBe(98)
  for (const outcome of outcomes.slice(98)) expect(outcome).toMatchObject({ kind: 'retry', reason: 'auth' })
})

test.each([1, 2, 3])(
  'whatever happens to requests and answers, every mutation takes effect once (seed %i)',
  async (seed) => {
    const { remote, direct } = fresh()
    const follower = new Follower(remote)
    const before = injected()
    proxy.faults.use(seededFaults(seed, { rate: 0.4, kinds: ALL_FAULTS }))
    const bases = new Map<string, string>()
    const sent: string[] = []
    for (let round = 0; round < 8; round++) {
      const batch = Array.from({ length: 12 }, (_, i) =>
        mutation(`n${i}`, { base: bases.get(`n${i}`) ?? null }),
      )
      let open: PushMutation[] = batch
      while (open.length > 0) {
        const asked = open
        const { outcomes } = await untilAnswered(() =>
          remote.push({ mutations: asked, replica: REPLICA, signal }),
        )
        for (const outcome of outcomes) expect(['applied', 'duplicate', 'retry']).toContain(outcome.kind)
        open = asked.filter((_, i) => outcomes[i]?.kind === 'retry')
      }
      for (const { id, documentId } of batch) {
        bases.set(documentId, id)
        sent.push(id)
      }
      await untilAnswered(() => follower.catchUp())
    }
    expect(injected() - before).toBeGreaterThan(10)
    proxy.faults.heal()
    // Echoes of pushes may still arrive: they find their request token, or a head that has moved on.
    await push(remote, mutation('last'))
    await follower.catchUp()
    expect(follower.versions.size).toBe(13)
    for (const [id, rev] of bases) expect(follower.versions.get(`notes/${id}`)?.rev).toBe(rev)
    expect((await effects(direct)).filter((rev) => sent.includes(rev)).sort()).toEqual([...sent].sort())
  },
)

async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      expect(['network', 'throttled', 'auth']).toContain((error as { code?: string }).code)
    }
  }
}
