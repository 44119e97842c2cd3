import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { collection, createHoldfast, HoldfastError, type RemoteStore, tokens } from '../src/index.ts'
import {
  createMemoryDisk,
  createMemoryServer,
  type MemoryServer,
  memoryRemote,
  memoryStore,
} from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly tag?: string
  readonly by?: string
}

/** A device with as many tabs as are opened, and a line that can lose the answers to its pushes. */
function createDevice(server: MemoryServer, seed: number) {
  const machine = createVirtualMachine({ seed })
  const disk = createMemoryDisk()
  const honest = memoryRemote({ server })
  const line = { losesAnswers: false }
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      const answer = await honest.push(request)
      if (!line.losesAnswers) return answer
      throw new HoldfastError('network', 'Lost.', { retryable: true })
    },
  }
  async function open() {
    const runtime = machine.tab()
    const db = await createHoldfast({
      name: 'notes',
      local: memoryStore({ disk }),
      remote,
      collections: { notes: collection<Note>() },
      parts: (container) => container.set(tokens.RUNTIME, runtime),
    })
    const sync = async () => {
      const syncing = db.sync.now()
      await machine.time.advance(2000)
      await syncing
    }
    return { ...db, sync }
  }
  return { line, open }
}

/**
 * One writes a note and does not hear that it was stored; another reads it. The server loses it by a
 * restore. The first sends its own again, and a trigger of the server's makes something else of it than before:
 * the revision that the other knows is made again, as another document.
 */
async function noteThatIsMadeAgain({ change }: { change?: { by: string } } = {}) {
  const server = createMemoryServer()
  const authors = createDevice(server, 1)
  const readers = createDevice(server, 2)
  const author = await authors.open()
  const [leader, follower] = [await readers.open(), await readers.open()]
  await author.notes.put({ id: 'n', text: 'first' })
  authors.line.losesAnswers = true
  await author.sync().catch(() => undefined)
  await leader.sync()
  expect(await follower.notes.get('n')).toEqual({ id: 'n', text: 'first' })
  const known = server.read('notes', 'n')?.rev
  if (change !== undefined) await leader.notes.update('n', change)
  server.restore()
  server.faults.changeOnWrite((value) => ({ tag: 'by a trigger', ...value }))
  authors.line.losesAnswers = false
  for (let round = 0; round < 2; round++) await author.sync()
  server.faults.changeOnWrite(null)
  expect(server.read('notes', 'n')).toMatchObject({ rev: known, value: MADE_AGAIN })
  for (let round = 0; round < 2; round++) await leader.sync()
  return { server, leader, follower }
}

const MADE_AGAIN = { id: 'n', text: 'first', tag: 'by a trigger' }

test('a change made on a revision takes nothing from the document that is made again under it', async () => {
  const { server, leader } = await noteThatIsMadeAgain({ change: { by: 'reader' } })
  expect(await leader.notes.get('n')).toEqual({ ...MADE_AGAIN, by: 'reader' })
  expect(server.read('notes', 'n')?.value).toEqual({ ...MADE_AGAIN, by: 'reader' })
})

test('every tab sees the document that is made again under a revision that it knows', async () => {
  const { leader, follower } = await noteThatIsMadeAgain()
  expect(await leader.notes.get('n')).toEqual(MADE_AGAIN)
  expect(await follower.notes.get('n')).toEqual(MADE_AGAIN)
})
