import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { formatHlc, type PushMutation } from '@holdfast/core'
import { expect, test } from 'vitest'
import { HeadNumber } from '../head-number.ts'
import { systemRuntime } from '../runtime.ts'
import { PROTOCOL } from '../space.ts'
import { PushLane } from './lane.ts'

interface Sent {
  /** The number on the head that the transaction stands on. */
  readonly number: number
  readonly documents: number
}

type Fails = (sent: Sent, index: number) => object | null

/** A lane to a table of one head; `fails` answers instead of it, and `standing` is every document. */
function laneTo(fails: Fails = () => null, standing: object = {}) {
  const sent: Sent[] = []
  let number = 0
  let underWay = 0
  let most = 0
  const answerTo = (operation: string, body: string): { statusCode: number; answer: object } => {
    const head = { n: { N: String(number) }, epoch: { S: 'e' }, layout: { N: '1' } }
    if (operation === 'GetItem') return { statusCode: 200, answer: { Item: head } }
    if (operation === 'TransactGetItems') return { statusCode: 200, answer: { Responses: [standing] } }
    const [first, , ...documents] = JSON.parse(body).TransactItems
    const one = {
      number: Number(first.Update.ExpressionAttributeValues[':n'].N),
      documents: documents.length,
    }
    sent.push(one)
    const failure = fails(one, sent.length - 1)
    if (failure !== null) return { statusCode: 400, answer: failure }
    number = one.number + 1
    return { statusCode: 200, answer: {} }
  }
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      async handle(request: { headers: Record<string, string>; body: string | Uint8Array }) {
        const { body } = request
        underWay += 1
        most = Math.max(most, underWay)
        // Long enough for whatever does not wait.
        for (let i = 0; i < 20; i++) await setImmediate()
        underWay -= 1
        const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
        const { statusCode, answer } = answerTo(request.headers['x-amz-target']?.split('.')[1] ?? '', text)
        const bytes = Readable.from([Buffer.from(JSON.stringify(answer))])
        return { response: { statusCode, headers: {}, body: bytes } }
      },
      destroy() {},
    },
  })
  const lane = new PushLane({
    client,
    tableName: 'table',
    space: 's',
    runtime: { ...systemRuntime, setTimer: soon },
    logRetentionSeconds: 1,
    consistentLog: true,
    headNumber: new HeadNumber(systemRuntime),
    rules: PROTOCOL,
  })
  return { lane, sent, most: () => most }
}

/** What waits for the clock goes on at once, after what goes on now. */
function soon(_ms: number, run: () => void) {
  let isOpen = true
  void setImmediate().then(() => isOpen && run())
  return () => {
    isOpen = false
  }
}

const { signal } = new AbortController()
const mutations = (count: number): PushMutation[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `m${i}`,
    hlc: formatHlc({ wall: i, counter: 0, replica: 'a'.repeat(16) }),
    collection: 'notes',
    documentId: `n${i}`,
    base: null,
    value: { id: `n${i}` },
  }))
const kindsOf = async (push: ReturnType<PushLane['push']>) =>
  Map.groupBy((await push).outcomes, ({ kind }) => kind)

test('a push is one transaction after the other, each on the head that the last one made', async () => {
  const { lane, sent, most } = laneTo()
  const kinds = await kindsOf(lane.push({ mutations: mutations(400), replica: 'r', signal }))
  expect(kinds.get('applied')?.length).toBe(400)
  expect(sent).toEqual([98, 98, 98, 98, 8].map((documents, number) => ({ number, documents })))
  expect(most()).toBe(1)
})

test('after a failure nothing is sent that was made ahead', async () => {
  const { lane, sent } = laneTo((_, index) => (index === 1 ? { __type: 'AccessDeniedException' } : null))
  const kinds = await kindsOf(lane.push({ mutations: mutations(400), replica: 'r', signal }))
  expect(kinds.get('applied')?.length).toBe(98)
  expect(kinds.get('retry')?.length).toBe(302)
  // Nor later.
  for (let i = 0; i < 100; i++) await setImmediate()
  expect(sent.length).toBe(2)
})

test('after a stale head what was made ahead for the number that it would have had is made again', async () => {
  const head = { n: { N: '7' }, epoch: { S: 'e' }, layout: { N: '1' } }
  const stale = {
    __type: 'TransactionCanceledException',
    CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: head }, { Code: 'None' }],
  }
  const { lane, sent } = laneTo((_, index) => (index === 1 ? stale : null))
  const kinds = await kindsOf(lane.push({ mutations: mutations(294), replica: 'r', signal }))
  expect(kinds.get('applied')?.length).toBe(294)
  expect(sent.map(({ number }) => number)).toEqual([0, 1, 7, 8])
  expect(sent.map(({ documents }) => documents)).toEqual([98, 98, 98, 98])
})

test('after a conflict of one document the rest of its transaction goes first, and nothing is left out', async () => {
  const conflict = {
    __type: 'TransactionCanceledException',
    CancellationReasons: Array.from({ length: 100 }, (_, i) => ({
      Code: i === 2 ? 'ConditionalCheckFailed' : 'None',
    })),
  }
  const { lane, sent } = laneTo((_, index) => (index === 0 ? conflict : null))
  const kinds = await kindsOf(lane.push({ mutations: mutations(200), replica: 'r', signal }))
  expect(kinds.get('conflict')?.length).toBe(1)
  expect(kinds.get('applied')?.length).toBe(199)
  expect(sent.map(({ number }) => number)).toEqual([0, 0, 1, 2])
})

test.each([
  ['took effect before', { v: { S: '2 m9 h 1' }, r1: { S: 'm0' } }, 'duplicate'],
  ['did not', { v: { S: '2 m9 h 1' } }, 'retry'],
])('of a group that falls, a member that %s, and of which no reason is told', async (_, ids, kind) => {
  const told = { __type: 'TransactionCanceledException' }
  const reasons = ['None', 'None', 'None', 'ConditionalCheckFailed'].map((Code) => ({ Code }))
  const item = { ...ids, body: { S: '{"id":"n0"}' } }
  const { lane } = laneTo(() => ({ ...told, CancellationReasons: reasons }), { Item: item })
  const group = mutations(2).map((each) => ({ ...each, group: 'g' }))
  const { outcomes } = await lane.push({ mutations: group, replica: 'r', signal })
  expect(outcomes.map((each) => each.kind)).toEqual([kind, 'conflict'])
})
