import { expect, test, vi } from 'vitest'
import { askUser, collection, createHoldfast, type RemoteStore, threeWay } from '../src/index.ts'
import { createMemoryServer, type MemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly n?: number
}

const device = (server: MemoryServer, remote: RemoteStore = memoryRemote({ server })) =>
  createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote,
    collections: { notes: collection<Note>({ conflict: threeWay(askUser('which?')), deletes: 'ask' }) },
  })

async function inConflict() {
  const server = createMemoryServer()
  const [mine, theirs] = [await device(server), await device(server)]
  await mine.notes.put({ id: 'a', text: 'old', n: 0 })
  await mine.sync.now()
  await theirs.sync.now()
  await mine.notes.update('a', { text: 'mine' })
  await theirs.notes.update('a', { text: 'theirs', n: 7 })
  await theirs.sync.now()
  await mine.sync.now()
  expect(mine.conflicts.list()).toMatchObject([
    { id: 'a', base: { text: 'old' }, remote: { text: 'theirs' } },
  ])
  expect(mine.notes.stateOf('a')).toMatchObject({ kind: 'conflict' })
  return { mine, theirs, ref: { collection: 'notes', id: 'a' } }
}

test.each([
  ['local', { id: 'a', text: 'mine', n: 7 }],
  ['remote', { id: 'a', text: 'theirs', n: 7 }],
] as const)(
  'taking the %s side settles what both changed, and keeps what one side changed',
  async (take, expected) => {
    const { mine, theirs, ref } = await inConflict()
    await mine.conflicts.resolve({ ...ref, take })
    await mine.sync.now()
    await theirs.sync.now()
    expect(mine.conflicts.list()).toEqual([])
    expect(await mine.notes.get('a')).toEqual(expected)
    expect(await theirs.notes.get('a')).toEqual(expected)
  },
)

test('a document of one’s own, and a deletion, settle it too', async () => {
  for (const value of [{ id: 'a', text: 'both' }, null]) {
    const { mine, theirs, ref } = await inConflict()
    await mine.conflicts.resolve({ ...ref, value })
    await mine.sync.now()
    await theirs.sync.now()
    expect(await theirs.notes.get('a')).toEqual(value ?? undefined)
    expect(mine.sync.status.getSnapshot()).toMatchObject({ pending: 0, conflicts: 0 })
  }
})

test('a deletion against an edit is settled by either side', async () => {
  for (const take of ['local', 'remote'] as const) {
    const server = createMemoryServer()
    const [mine, theirs] = [await device(server), await device(server)]
    await mine.notes.put({ id: 'a', text: 'old' })
    await mine.sync.now()
    await theirs.sync.now()
    await mine.notes.update('a', { text: 'mine' })
    await theirs.notes.delete('a')
    await theirs.sync.now()
    await mine.sync.now()
    await mine.conflicts.resolve({ collection: 'notes', id: 'a', take })
    await mine.sync.now()
    await theirs.sync.now()
    const expected = take === 'local' ? { id: 'a', text: 'mine' } : undefined
    expect(await mine.notes.get('a')).toEqual(expected)
    expect(await theirs.notes.get('a')).toEqual(expected)
  }
})

test('a sync that changes no document tells no live query', async () => {
  const db = await device(createMemoryServer())
  await db.notes.insert({ id: 'a', n: 1 })
  await db.notes.update('a', { n: 2 })
  let told = 0
  db.notes.live().subscribe(() => told++)
  await db.sync.now()
  expect(told).toBe(0)
})

test('a conflict is open once what is on its way has its answer', async () => {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const [leaves, arrives] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let isHeld = false
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      if (isHeld) {
        leaves.resolve()
        await arrives.promise
      }
      return honest.push(request)
    },
  }
  const db = await device(server, remote)
  await db.notes.put({ id: 'a', text: 'old' })
  await db.sync.now()
  isHeld = true
  await db.notes.update('a', { text: 'mine' })
  server.write('notes', { id: 'a', text: 'theirs' })
  server.write('notes', { id: 'b' })
  const open = () => [db.conflicts.list().length, db.sync.status.getSnapshot().conflicts]
  const told: number[][] = []
  const stop = db.sync.status.subscribe(() => told.push(open()))
  const round = db.sync.now()
  await leaves.promise
  // It comes in one page with the other side.
  await vi.waitFor(async () => expect(await db.notes.get('b')).toBeDefined())
  expect([open(), db.notes.stateOf('a').kind]).toEqual([[0, 0], 'inFlight'])
  arrives.resolve()
  await round
  expect([open(), db.notes.stateOf('a').kind]).toEqual([[1, 1], 'conflict'])
  expect(told.at(-1)).toEqual([1, 1])
  stop()
  await db.conflicts.resolve({ collection: 'notes', id: 'a', take: 'remote' })
  await db.sync.now()
  expect(await db.notes.get('a')).toEqual({ id: 'a', text: 'theirs' })
})
