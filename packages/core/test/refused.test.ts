import { expect, test } from 'vitest'
import { collection, createHoldfast, type PullPage, type RemoteStore } from '../src/index.ts'
import { createMemoryDisk, createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text: string
}

/** A remote that sends one document malformed, as long as it is told to. */
function tampering(remote: RemoteStore, isTampering: () => boolean): RemoteStore {
  const tamper = (page: PullPage): PullPage => ({
    ...page,
    changes: page.changes.map((change) =>
      isTampering() && change.id === 'bad' ? { ...change, value: { id: 'other', text: 'x' } } : change,
    ),
  })
  return { ...remote, pull: async (request) => tamper(await remote.pull(request)) }
}

test('a malformed change is not taken, holds nothing up, and is listed until a good one comes', async () => {
  const server = createMemoryServer()
  const disk = createMemoryDisk()
  let isTampering = true
  const open = () =>
    createHoldfast({
      name: 'notes',
      local: memoryStore({ disk }),
      remote: tampering(memoryRemote({ server }), () => isTampering),
      collections: { notes: collection<Note>() },
    })
  const db = await open()
  const { rev } = server.write('notes', { id: 'bad', text: 'one' })
  server.write('notes', { id: 'good', text: 'one' })
  await db.sync.now()
  expect(await db.notes.find()).toEqual([{ id: 'good', text: 'one' }])
  expect(db.sync.refused()).toEqual([{ collection: 'notes', id: 'bad', rev, reason: 'invalid_id' }])
  await db.close()

  const again = await open()
  expect(again.sync.status.getSnapshot().refused).toBe(1)
  isTampering = false
  server.write('notes', { id: 'bad', text: 'two' })
  await again.sync.now()
  expect(await again.notes.get('bad')).toEqual({ id: 'bad', text: 'two' })
  expect(again.sync.refused()).toEqual([])
  await again.close()
})

test('what was not asked for is not taken: neither its documents nor its place in the feed', async () => {
  const server = createMemoryServer()
  const disk = createMemoryDisk()
  const honest = memoryRemote({ server })
  /** Answers for every collection that it has. */
  const generous: RemoteStore = {
    ...honest,
    pull: (request) =>
      honest.pull({ ...request, checkpoints: { tasks: null, ...request.checkpoints, drafts: null } }),
  }
  const open = (remote: RemoteStore, names: readonly string[]) =>
    createHoldfast({
      name: 'notes',
      local: memoryStore({ disk }),
      remote,
      collections: Object.fromEntries([
        ...names.map((name) => [name, collection<Note>()] as const),
        ['drafts', collection<Note>({ sync: false })] as const,
      ]),
    })
  for (const name of ['notes', 'tasks', 'drafts']) server.write(name, { id: 'a', text: 'theirs' })
  const db = await open(generous, ['notes'])
  await db.collection('drafts').insert({ id: 'b', text: 'mine' })
  await db.sync.now()
  expect(await db.collection('notes').find()).toHaveLength(1)
  expect(await db.collection('drafts').find()).toEqual([{ id: 'b', text: 'mine' }])
  await db.close()

  const again = await open(honest, ['notes', 'tasks'])
  await again.sync.now()
  expect(await again.collection('tasks').get('a')).toEqual({ id: 'a', text: 'theirs' })
  await again.close()
})

test('a remote that starts a collection over which it was not asked for takes nothing away', async () => {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const remote: RemoteStore = {
    ...honest,
    pull: async (request) => ({ ...(await honest.pull(request)), reset: ['drafts'] }),
  }
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote,
    collections: { notes: collection<Note>(), drafts: collection<Note>({ sync: false }) },
  })
  await db.drafts.insert({ id: 'b', text: 'mine' })
  await db.sync.optimize()
  await db.sync.now()
  expect(await db.drafts.find()).toEqual([{ id: 'b', text: 'mine' }])
  await db.close()
})

test('an answer to a push that holds another document keeps back that one alone', async () => {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      const { outcomes } = await honest.push(request)
      return {
        outcomes: outcomes.map((outcome, i) =>
          outcome.kind === 'conflict' && request.mutations[i]?.documentId === 'bad'
            ? { ...outcome, current: { ...outcome.current, value: { id: 'other', text: 'x' } } as never }
            : outcome,
        ),
      }
    },
    pull: async (request) => ({ ...(await honest.pull(request)), changes: [] }),
  }
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote,
    collections: { notes: collection<Note>() },
  })
  server.write('notes', { id: 'bad', text: 'theirs' })
  for (const id of ['a', 'bad', 'c']) await db.notes.put({ id, text: 'mine' })
  await db.sync.now()
  expect(server.read('notes', 'c')?.value).toEqual({ id: 'c', text: 'mine' })
  expect(db.notes.stateOf('a')).toEqual({ kind: 'synced' })
  expect(db.notes.stateOf('c')).toEqual({ kind: 'synced' })
  expect(db.sync.status.getSnapshot().pending).toBe(1)
  expect(await db.notes.get('bad')).toEqual({ id: 'bad', text: 'mine' })
  await db.close()
})
