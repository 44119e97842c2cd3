import { expect, test } from 'vitest'
import { collection, createHoldfast, HoldfastError, type RemoteStore } from '../src/index.ts'
import { createMemoryServer, type MemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text: string
}

const device = (server: MemoryServer) => deviceOn(memoryRemote({ server }))

function deviceOn(remote: RemoteStore) {
  return createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote,
    collections: { notes: collection<Note>() },
    schedule: { pullLimit: 3 },
  })
}

const networkDown = () => new HoldfastError('network', 'The line is down.', { retryable: true })

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
  const db = await deviceOn(remote)
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

test('a reconciliation that broke off meets every document anew when it begins again', async () => {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  let pulls = 0
  let breaksAt = 0
  const remote: RemoteStore = {
    ...honest,
    async pull(request) {
      pulls++
      if (pulls === breaksAt) throw networkDown()
      return honest.pull(request)
    },
  }
  const db = await deviceOn(remote)
  for (let n = 0; n < 10; n++) server.write('notes', { id: `n${n}`, text: 'old' })
  await db.sync.now()
  server.restore(server.backup())
  breaksAt = pulls + 3
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  // Met by the walk that broke off, and gone without a trace before the next one.
  server.delete('notes', 'n1')
  server.forgetTombstones()
  await db.sync.now()
  expect(await texts(db)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `n${n}:old`))
})

test('a base that was rewound gives way to an own version whose push is not answered', async () => {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  let pushes = 0
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      pushes++
      // The first takes effect and its answer is lost; of the next two not even the request arrives.
      if (pushes === 1) await honest.push(request)
      if (pushes <= 3) throw networkDown()
      return honest.push(request)
    },
  }
  const db = await deviceOn(remote)
  await db.notes.put({ id: 'x', text: 'own' })
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  const backup = server.backup()
  server.write('notes', { id: 'x', text: 'by another' })
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  server.restore(backup)
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  await db.sync.now()
  expect(server.read('notes', 'x')?.value).toEqual({ id: 'x', text: 'own' })
  expect(await texts(db)).toEqual(['x:own'])
})

test('what took effect before the remote was rewound is sent again, where its answer comes after the new history was read', async () => {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const line = { isLate: false }
  const isRead = Promise.withResolvers<void>()
  const isRewound = Promise.withResolvers<void>()
  const db = await deviceOn({
    ...honest,
    async push(request) {
      const answer = await honest.push(request)
      if (!line.isLate) return answer
      line.isLate = false
      server.restore()
      server.write('notes', { id: 'theirs', text: 'since' })
      isRewound.resolve()
      await isRead.promise
      return answer
    },
    async pull(request) {
      if (line.isLate) await isRewound.promise
      return honest.pull(request)
    },
  })
  await db.sync.now()
  await db.notes.put({ id: 'mine', text: 'before' })
  const live = db.notes.live()
  live.subscribe(() => {
    if (live.getSnapshot().some(({ id }) => id === 'theirs')) isRead.resolve()
  })
  line.isLate = true
  await db.sync.now()
  expect(await texts(db)).toEqual(['mine:before', 'theirs:since'])
  expect(server.versions().map(({ id }) => id)).toEqual(expect.arrayContaining(['mine', 'theirs']))
  expect(db.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0, conflicts: 0 })
})
