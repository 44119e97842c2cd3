import { expect, test } from 'vitest'
import { askUser, collection, createHoldfast, HoldfastError, type RemoteStore } from '../src/index.ts'
import { createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text: string
}

const lost = () => new HoldfastError('network', 'Lost.', { retryable: true })

/**
 * A transaction on two notes takes effect, unheard. Another program deletes the first, which is read
 * here, and the server forgets that it was ever there.
 */
async function rememberedInPart() {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const line = { isLossy: false, isDown: false }
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      if (line.isDown) throw lost()
      const answer = await honest.push(request)
      if (line.isLossy) throw lost()
      return answer
    },
  }
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote,
    collections: { notes: collection<Note>({ conflict: askUser(), deletes: 'ask' }) },
  })
  await db.notes.put({ id: 'a', text: 'first' })
  await db.sync.now()
  await db.transact(async ({ notes }) => {
    await notes.update('a', { text: 'second' })
    await notes.insert({ id: 'b', text: 'second' })
  })
  line.isLossy = true
  await db.sync.now().catch(() => undefined)
  server.delete('notes', 'a')
  Object.assign(line, { isLossy: false, isDown: true })
  await db.sync.now().catch(() => undefined)
  server.forgetTombstones()
  line.isDown = false
  await db.sync.now()
  return { server, db }
}

test('what took effect of a transaction that the server remembers in part is synced, while the rest waits for a person', async () => {
  const { server, db } = await rememberedInPart()
  expect(db.conflicts.list().map(({ id }) => id)).toEqual(['a'])
  expect(db.notes.stateOf('b').kind).toBe('synced')
  expect(server.versions().map(({ id }) => id)).toEqual(['b'])
  await db.close()
})

test('what is deleted then is deleted there too', async () => {
  const { server, db } = await rememberedInPart()
  await db.notes.delete('b')
  await db.sync.now()
  expect(server.versions()).toMatchObject([{ id: 'b', value: null }])
  await db.close()
})
