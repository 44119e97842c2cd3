import { expect, test } from 'vitest'
import { collection, createHoldfast, type RemoteStore } from '../src/index.ts'
import { createMemoryServer, type MemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text: string
}

function device(server: MemoryServer) {
  return createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote: memoryRemote({ server }),
    collections: { notes: collection<Note>() },
    schedule: { pullLimit: 3 },
  })
}

const texts = async (db: Awaited<ReturnType<typeof device>>) =>
  (await db.notes.find({ orderBy: { id: 'asc' } })).map(({ id, text }) => `${id}:${text}`)

/** Two devices with ten notes each, and a backup from before the last writes of both. */
async function setUp() {
  const server = createMemoryServer()
  const a = await device(server)
  const b = await device(server)
  for (let n = 0; n < 10; n++) {
    await a.notes.put({ id: `a${n}`, text: 'old' })
    await b.notes.put({ id: `b${n}`, text: 'old' })
  }
  const syncAll = async () => {
    for (const db of [a, b, a, b]) await db.sync.now()
  }
  await syncAll()
  const backup = server.backup()
  await a.notes.update('a1', { text: 'since' })
  await a.notes.put({ id: 'a-new', text: 'since' })
  await b.notes.update('a2', { text: 'since, by b' })
  await b.notes.delete('b3')
  await syncAll()
  return { server, a, b, backup, syncAll }
}

test('after the server is restored from a backup, each device brings back what it wrote since', async () => {
  const { server, a, b, backup, syncAll } = await setUp()
  const before = await texts(a)
  server.restore(backup)
  await syncAll()
  expect(await texts(a)).toEqual(before)
  expect(await texts(b)).toEqual(before)
  expect(server.versions().filter(({ value }) => value !== null)).toHaveLength(before.length)
})

test('what another device wrote and lost is gone here too, until that device returns', async () => {
  const { server, a, b, backup } = await setUp()
  server.restore(backup)
  await a.sync.now()
  expect(await texts(a)).toContain('a2:old')
  expect(await texts(a)).toContain('a1:since')
  expect(await texts(a)).toContain('b3:old')
  for (const db of [b, a]) await db.sync.now()
  expect(await texts(a)).toEqual(await texts(b))
  expect(await texts(a)).toContain('a2:since, by b')
})

test('documents that a wiped server does not know any more are written again by their authors', async () => {
  const { server, a, b, syncAll } = await setUp()
  const before = await texts(a)
  server.restore()
  await syncAll()
  expect(await texts(a)).toEqual(before)
  expect(await texts(b)).toEqual(before)
})

test('an own revision whose value is not here any more is read again, and nothing else goes', async () => {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  /** Takes one document for the asking replica's own, as after its local row was given up. */
  const remote: RemoteStore = {
    ...honest,
    pull: async (request) => {
      const page = await honest.pull(request)
      const isAnyones = request.replica === '0000000000000000'
      return {
        ...page,
        changes: page.changes.map((change) =>
          change.id === 'x' && !isAnyones ? { ...change, value: null, own: true as const } : change,
        ),
      }
    },
  }
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote,
    collections: { notes: collection<Note>() },
    schedule: { pullLimit: 3 },
  })
  for (let n = 0; n < 10; n++) server.write('notes', { id: `a${n}`, text: 'old' })
  await db.sync.now()
  server.write('notes', { id: 'x', text: 'own' })
  for (let n = 0; n < 10; n++) server.write('notes', { id: `b${n}`, text: 'new' })
  await db.sync.now()
  expect(await texts(db)).toHaveLength(21)
  expect(await db.notes.get('x')).toEqual({ id: 'x', text: 'own' })
  const { requests } = db.sync.metrics()
  await db.sync.now()
  expect(db.sync.metrics().requests).toBe(requests + 1)
})
