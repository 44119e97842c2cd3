import { expect, test } from 'vitest'
import { collection, createHoldfast, type Holdfast, type RemoteStore } from '../src/index.ts'
import { createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

const collections = { notes: collection<{ readonly id: string; readonly text: string }>() }

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

test('what is pushed while the first page is under way is not taken for gone since it is not in it', async () => {
  const server = createMemoryServer()
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
  const db = await createHoldfast({ name: 'notes', local: memoryStore(), remote, collections })
  await db.notes.put({ id: 'a', text: 'mine' })
  const round = db.sync.now()
  await allSettled(db)
  expect(server.versions()).toHaveLength(1)
  mayArrive.resolve()
  await round
  expect(await db.notes.get('a')).toEqual({ id: 'a', text: 'mine' })
  await db.sync.now()
  expect(await db.notes.get('a')).toEqual({ id: 'a', text: 'mine' })
  await db.close()
})
