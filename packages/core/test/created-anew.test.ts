import { expect, test } from 'vitest'
import {
  collection,
  createHoldfast,
  HoldfastError,
  type RemoteStore,
  type SettledConflict,
} from '../src/index.ts'
import { createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly mood?: string
}

/** A device that reads what others wrote, and whose pushes wait for a better line. */
async function deviceThatOnlyReads() {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const line = { takesPushes: true }
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      if (line.takesPushes) return honest.push(request)
      throw new HoldfastError('network', 'Lost.', { retryable: true })
    },
  }
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote,
    collections: { notes: collection<Note>() },
  })
  const settled: SettledConflict[] = []
  db.conflicts.onSettled((conflict) => settled.push(conflict))
  await db.notes.put({ id: 'n', text: 'first' })
  await db.sync.now()
  line.takesPushes = false
  const read = () => db.sync.now().catch(() => undefined)
  return { db, server, line, read, settled }
}

test('what is created where a change was seen to give way to a deletion elsewhere is shown and sent', async () => {
  const { db, server, line, read, settled } = await deviceThatOnlyReads()
  await db.notes.update('n', { text: 'second' })
  server.delete('notes', 'n')
  await read()
  expect(await db.notes.get('n')).toBeUndefined()
  await db.notes.insert({ id: 'n', mood: 'good' })
  expect(await db.notes.get('n')).toEqual({ id: 'n', mood: 'good' })
  await db.notes.update('n', { text: 'third' })
  line.takesPushes = true
  for (let round = 0; round < 2; round++) await db.sync.now()
  expect(server.read('notes', 'n')?.value).toEqual({ id: 'n', mood: 'good', text: 'third' })
  expect(await db.notes.get('n')).toEqual({ id: 'n', mood: 'good', text: 'third' })
  expect(settled).toHaveLength(1)
  await db.close()
})

test('what replaced a document that was deleted here still meets an edit elsewhere by the rule', async () => {
  const { db, server, line, read } = await deviceThatOnlyReads()
  await db.notes.delete('n')
  await db.notes.insert({ id: 'n', text: 'first', mood: 'good' })
  server.write('notes', { id: 'n', text: 'theirs' })
  await read()
  expect(await db.notes.get('n')).toEqual({ id: 'n', text: 'theirs', mood: 'good' })
  line.takesPushes = true
  for (let round = 0; round < 2; round++) await db.sync.now()
  expect(server.read('notes', 'n')?.value).toEqual({ id: 'n', text: 'theirs', mood: 'good' })
  await db.close()
})
