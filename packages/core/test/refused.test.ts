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
