import { expect, test } from 'vitest'
import { collection, createHoldfast, type Holdfast, type RemoteStore, remoteWins } from '../src/index.ts'
import { createMemoryServer, type MemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

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

/** A first page that is read before anything is pushed, and arrives when it is told to. */
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
  const db = await createHoldfast({ name: 'notes', local: memoryStore(), remote, collections })
  await db.notes.put({ id: 'a', text: 'mine' })
  const round = db.sync.now()
  await allSettled(db)
  expect(server.versions()).toHaveLength(1)
  arrive()
  await round
  expect(await db.notes.get('a')).toEqual({ id: 'a', text: 'mine' })
  await db.close()
})

test('nor is what a push learned of another writer meanwhile', async () => {
  const server = createMemoryServer()
  const { remote, hasRead, arrive } = slowFirstPage(server)
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore(),
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
