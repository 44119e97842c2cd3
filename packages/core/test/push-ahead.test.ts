import { afterEach, expect, test } from 'vitest'
import {
  collection,
  createHoldfast,
  HoldfastError,
  type PushMutation,
  type PushRequest,
  type RemoteStore,
} from '../src/index.ts'
import { createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly n: number
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const ids = Array.from({ length: 7 }, (_, i) => `n${i}`)

/** Seven notes to push, two in a push; `handle` stands between the engine and the remote. */
async function withQueue(
  handle: (request: PushRequest, send: RemoteStore['push']) => ReturnType<RemoteStore['push']>,
  prepare: NonNullable<RemoteStore['prepare']> = () => undefined,
) {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const remote: RemoteStore = {
    ...honest,
    capabilities: { ...honest.capabilities, maxBatch: 2 },
    push: (request) => handle(request, (given) => honest.push(given)),
    prepare,
  }
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote,
    collections: { notes: collection<Note>() },
  })
  closing.push(() => db.close())
  await db.notes.insertMany(ids.map((id, n) => ({ id, n })))
  return { db, server }
}

const idsOf = ({ mutations }: PushRequest) => mutations.map(({ documentId }) => documentId)

test('a batch is frozen while the one before it is under way, and sent only after the answer to that one', async () => {
  const sent: string[][] = []
  let underWay = 0
  const { db, server } = await withQueue(async (request, send) => {
    underWay++
    expect(underWay).toBe(1)
    sent.push(idsOf(request))
    // What is written now goes after the next batch, which is frozen already.
    if (sent.length === 1) await db.notes.put({ id: 'n0', n: 100 })
    const answer = await send(request)
    underWay--
    return answer
  })
  await db.sync.now()
  expect(sent).toEqual([
    ['n0', 'n1'],
    ['n2', 'n3'],
    ['n0', 'n4'],
    ['n5', 'n6'],
  ])
  expect(server.versions().find(({ id }) => id === 'n0')?.value).toEqual({ id: 'n0', n: 100 })
  expect(db.sync.status.getSnapshot().pending).toBe(0)
})

test.each(['network', 'protocol'] as const)(
  'after a failure (%s) nothing that was frozen for later is sent before it, or lost',
  async (code) => {
    const sent: string[][] = []
    const { db, server } = await withQueue((request, send) => {
      sent.push(idsOf(request))
      if (sent.length === 2) throw new HoldfastError(code, 'Failed. It is sent again.', { retryable: true })
      return send(request)
    })
    await db.sync.now().catch(() => undefined)
    await db.sync.now()
    expect(sent[1]).toEqual(['n2', 'n3'])
    expect(sent[2]?.[0]).toBe('n2')
    expect(
      server
        .versions()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(ids)
    expect(db.sync.status.getSnapshot().pending).toBe(0)
  },
)

test('the next push is prepared while one is under way: the very list that is pushed, and what it throws is passed over', async () => {
  const told: string[] = []
  const prepared = new Set<readonly PushMutation[]>()
  const { db, server } = await withQueue(
    async (request, send) => {
      told.push(`${prepared.has(request.mutations) ? 'prepared ' : ''}${idsOf(request)}`)
      const answer = await send(request)
      told.push('answered')
      return answer
    },
    (mutations) => {
      told.push(`prepare ${mutations.map(({ documentId }) => documentId)}`)
      prepared.add(mutations)
      throw new Error('It is a hint.')
    },
  )
  await db.sync.now()
  expect(told.filter((what) => what !== 'answered')).toEqual([
    'n0,n1',
    'prepare n2,n3',
    'prepared n2,n3',
    'prepare n4,n5',
    'prepared n4,n5',
    'prepare n6',
    'prepared n6',
  ])
  expect(db.sync.status.getSnapshot().pending).toBe(0)
  expect(server.versions()).toHaveLength(ids.length)
})
