import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { collection, createHoldfast, HoldfastError, type RemoteStore, tokens } from '../src/index.ts'
import { createMemoryServer, type MemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text: string
  readonly by?: string
}

/** Devices do not draw the same ids. */
let devices = 0

/** A device whose line can lose a push on its way, or the answer that it took effect. */
async function device(server: MemoryServer) {
  const machine = createVirtualMachine({ seed: ++devices })
  const runtime = machine.tab()
  const honest = memoryRemote({ server })
  const line = { loses: null as 'request' | 'answer' | null }
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      const { loses } = line
      const answer = loses === 'request' ? null : await honest.push(request)
      const isHeard = loses === null || answer?.outcomes.every(({ kind }) => kind === 'conflict')
      if (answer !== null && isHeard) return answer
      throw new HoldfastError('network', 'Lost.', { retryable: true })
    },
  }
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote,
    collections: { notes: collection<Note>() },
    parts: (container) => container.set(tokens.RUNTIME, runtime),
  })
  const sync = async () => {
    const syncing = db.sync.now()
    await machine.time.advance(2000)
    await syncing
  }
  const losing = async (loses: 'request' | 'answer') => {
    line.loses = loses
    await sync().catch(() => undefined)
    line.loses = null
  }
  return { db, sync, losing }
}

/**
 * One writes a note and does not hear that it was stored; another reads it, a third deletes it, and the
 * server forgets the tombstone. The first sends the note again: it comes back under the same
 * revision, with a timestamp after the one of the tombstone.
 */
async function noteThatComesBack({ change }: { change?: 'pending' | 'in flight' } = {}) {
  const server = createMemoryServer()
  const [author, reader, other] = [await device(server), await device(server), await device(server)]
  await author.db.notes.put({ id: 'n', text: 'first' })
  await author.losing('answer')
  await reader.sync()
  if (change !== undefined) await reader.db.notes.update('n', { by: 'reader' })
  if (change === 'in flight') await reader.losing('request')
  await other.sync()
  await other.db.notes.delete('n')
  await other.sync()
  server.forgetTombstones()
  await author.sync()
  return { server, author, reader }
}

test('a document that came back as another one is read', async () => {
  const server = createMemoryServer()
  const [author, reader, other] = [await device(server), await device(server), await device(server)]
  await other.db.notes.put({ id: 'n', text: 'first' })
  for (const { sync } of [other, author]) await sync()
  await other.db.notes.update('n', { text: 'second' })
  await author.db.notes.update('n', { by: 'author' })
  await other.sync()
  // Sent on what the other made of it, which is there no more when it is sent again.
  await author.losing('answer')
  for (const { sync } of [reader, other]) await sync()
  expect(await reader.db.notes.get('n')).toEqual({ id: 'n', text: 'second', by: 'author' })
  await other.db.notes.delete('n')
  await other.sync()
  server.forgetTombstones()
  for (const { sync } of [author, reader]) await sync()
  const [stored] = server.versions()
  expect(stored?.value).toEqual({ id: 'n', text: 'first', by: 'author' })
  expect(await reader.db.notes.get('n')).toEqual(stored?.value)
})

test.each(['pending', 'in flight'] as const)(
  'a change %s on the version that came back is sent, not refused',
  async (change) => {
    const { server, author, reader } = await noteThatComesBack({ change })
    for (let round = 0; round < 3; round++) await reader.sync()
    expect(reader.db.sync.status.getSnapshot().failed).toBe(0)
    await author.sync()
    expect(server.versions()).toMatchObject([{ value: { text: 'first', by: 'reader' } }])
    expect(await author.db.notes.get('n')).toEqual({ id: 'n', text: 'first', by: 'reader' })
  },
)
