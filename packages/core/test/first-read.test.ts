import { expect, test } from 'vitest'
import {
  collection,
  createHoldfast,
  type Holdfast,
  HoldfastError,
  type RemoteChange,
  type RemoteStore,
  remoteWins,
} from '../src/index.ts'
import {
  createMemoryDisk,
  createMemoryServer,
  type MemoryServer,
  memoryRemote,
  memoryStore,
} from '../src/memory.ts'
import { readBefore } from './support/read-before.ts'

interface Note {
  readonly id: string
  readonly text: string
}

const collections = { notes: collection<Note>() }

/** Resolves once nothing is pending any more. */
function allSettled({ sync: { status } }: Holdfast<typeof collections>): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (status.getSnapshot().pending > 0) return
      stop()
      resolve()
    }
    const stop = status.subscribe(() => look())
    look()
  })
}

/** A first page of new collections, which is read before anything is pushed, and arrives when it is told to. */
function slowFirstPage(server: MemoryServer) {
  const honest = memoryRemote({ server })
  const hasRead = Promise.withResolvers<void>()
  const mayArrive = Promise.withResolvers<void>()
  const remote: RemoteStore = {
    ...honest,
    async pull(request) {
      const page = await honest.pull(request)
      hasRead.resolve()
      await mayArrive.promise
      return page
    },
    async push(request) {
      await hasRead.promise
      return honest.push(request)
    },
  }
  return { remote, hasRead: hasRead.promise, arrive: () => mayArrive.resolve() }
}

test('what is pushed while the first page is under way is not taken for gone since it is not in it', async () => {
  const server = createMemoryServer()
  const { remote, arrive } = slowFirstPage(server)
  const db = await createHoldfast({ name: 'notes', local: await readBefore(server), remote, collections })
  await db.notes.put({ id: 'a', text: 'mine' })
  const round = db.sync.now()
  await allSettled(db)
  expect(server.versions()).toHaveLength(1)
  arrive()
  await round
  expect(await db.notes.get('a')).toEqual({ id: 'a', text: 'mine' })
  await db.close()
})

test('nor does that page bring back the version before, if only for a moment', async () => {
  const server = createMemoryServer()
  const { remote, arrive } = slowFirstPage(server)
  const line = { isCut: true }
  const cut: RemoteStore = {
    ...memoryRemote({ server }),
    async pull() {
      throw new HoldfastError('network', 'The line is cut.', { retryable: true })
    },
  }
  const db = await createHoldfast({
    name: 'notes',
    local: await readBefore(server),
    remote: {
      ...remote,
      pull: (request) => (line.isCut ? cut : remote).pull(request),
      push: (request) => (line.isCut ? cut : remote).push(request),
    },
    collections,
  })
  await db.notes.put({ id: 'a', text: 'first' })
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  line.isCut = false
  await db.notes.update('a', { text: 'second' })
  const shown: (string | undefined)[] = []
  const live = db.notes.live()
  live.subscribe(() => shown.push(live.getSnapshot()[0]?.text))
  const round = db.sync.now()
  await allSettled(db)
  arrive()
  await round
  expect(shown).toEqual([])
  expect(await db.notes.get('a')).toEqual({ id: 'a', text: 'second' })
  await db.close()
})

test('nor is what a push learned of another writer meanwhile', async () => {
  const server = createMemoryServer()
  const { remote, hasRead, arrive } = slowFirstPage(server)
  const db = await createHoldfast({
    name: 'notes',
    local: await readBefore(server),
    remote,
    collections: { notes: collection<Note>({ conflict: remoteWins() }) },
  })
  await db.notes.put({ id: 'a', text: 'mine' })
  const round = db.sync.now()
  await hasRead
  server.write('notes', { id: 'a', text: 'theirs' })
  await allSettled(db)
  arrive()
  await round
  expect(await db.notes.get('a')).toEqual({ id: 'a', text: 'theirs' })
  await db.close()
})

test('what a feed that is held back does not show yet is not taken for gone', async () => {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const line = { isCut: true }
  const remote: RemoteStore = {
    ...honest,
    async pull(request) {
      if (line.isCut) throw new HoldfastError('network', 'The line is cut.', { retryable: true })
      return honest.pull(request)
    },
  }
  const db = await createHoldfast({ name: 'notes', local: await readBefore(server), remote, collections })
  const late = server.begin()
  late.write('notes', { id: 'late', text: 'theirs' })
  await db.notes.put({ id: 'a', text: 'mine' })
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  expect(db.sync.status.getSnapshot().pending).toBe(0)
  line.isCut = false
  await db.sync.now()
  expect(await db.notes.get('a')).toEqual({ id: 'a', text: 'mine' })
  late.commit()
  await db.sync.now()
  expect((await db.notes.find({ orderBy: { id: 'asc' } })).map(({ id }) => id)).toEqual(['a', 'late'])
  await db.close()
})

test('a tombstone that stands in the page before the version that is known from a push deletes nothing', async () => {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const line = { isCut: true }
  const remote: RemoteStore = {
    ...honest,
    async pull(request) {
      if (line.isCut) throw new HoldfastError('network', 'The line is cut.', { retryable: true })
      const page = await honest.pull(request)
      const hlc = '000000000001-0000-ffffffffffffffff'
      const older = { collection: 'notes', id: 'a', rev: 'deleted before', hlc, value: null }
      return { ...page, changes: [older, ...page.changes] }
    },
  }
  const db = await createHoldfast({ name: 'notes', local: await readBefore(server), remote, collections })
  await db.notes.put({ id: 'a', text: 'mine' })
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  expect(db.sync.status.getSnapshot().pending).toBe(0)
  line.isCut = false
  await db.sync.now()
  expect(await db.notes.get('a')).toEqual({ id: 'a', text: 'mine' })
  await db.close()
})

test('of several versions of a new document in one page the last one stands, and after the next start too', async () => {
  const version = (id: string, counter: number, value: RemoteChange['value']): RemoteChange => ({
    collection: 'notes',
    id,
    rev: `${id}${counter}`,
    hlc: `000000000001-000${counter}-ffffffffffffffff`,
    value,
  })
  const changes = [
    version('a', 1, { id: 'a', text: 'old' }),
    version('b', 1, { id: 'b', text: 'old' }),
    version('a', 2, { id: 'a', text: 'new' }),
    version('b', 2, null),
  ]
  const disk = createMemoryDisk()
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const remote: RemoteStore = {
    ...honest,
    pull: async (request) => ({ ...(await honest.pull(request)), changes }),
  }
  for (const pulls of [true, false]) {
    const db = await createHoldfast({ name: 'notes', local: memoryStore({ disk }), remote, collections })
    if (pulls) await db.sync.now()
    expect(await db.notes.find()).toEqual([{ id: 'a', text: 'new' }])
    await db.close()
  }
})

test('what is pending on a version that was lost before the first read is sent on what stands there now', async () => {
  let now = 1_000_000
  const server = createMemoryServer({ runtime: { now: () => now, randomHex: (n) => 'a'.repeat(n) } })
  const empty = server.backup()
  const honest = memoryRemote({ server })
  const line = { isCut: true }
  const remote: RemoteStore = {
    ...honest,
    async pull(request) {
      if (line.isCut) throw new HoldfastError('network', 'The line is cut.', { retryable: true })
      return honest.pull(request)
    },
  }
  const db = await createHoldfast({ name: 'notes', local: await readBefore(server), remote, collections })
  await db.notes.put({ id: 'a', text: 'mine' })
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  await db.notes.update('a', { text: 'mine, later' })
  server.restore(empty)
  // Older than what was pushed, as from a program whose clock is behind.
  now = 1_000
  server.write('notes', { id: 'a', text: 'theirs' })
  line.isCut = false
  await db.sync.now()
  expect(db.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0, conflicts: 0 })
  expect(server.versions()).toMatchObject([{ value: await db.notes.get('a') }])
  await db.close()
})
