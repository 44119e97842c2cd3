import { afterEach, expect, test } from 'vitest'
import { collection, createHoldfast, HoldfastError, type RemoteStore } from '../src/index.ts'
import { createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly n?: number
}

const collections = { tasks: collection<Note>({ deletes: 'editWins' }) }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A client whose pushes can be cut off while it pulls. */
async function setUp() {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const line = { isCut: false }
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      if (line.isCut) throw new HoldfastError('network', 'The line is cut.', { retryable: true })
      return honest.push(request)
    },
  }
  const db = await createHoldfast({ name: 'notes', local: memoryStore(), remote, collections })
  closing.push(() => db.close())
  await db.tasks.put({ id: 'a', text: 'first', n: 1 })
  await db.sync.now()
  line.isCut = true
  return { db, server, line }
}

test('what is changed in a document that an edit elsewhere kept alive is kept', async () => {
  const { db, server, line } = await setUp()
  await db.tasks.delete('a')
  server.write('tasks', { id: 'a', text: 'edited elsewhere', n: 1 })
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  expect(await db.tasks.get('a')).toEqual({ id: 'a', text: 'edited elsewhere', n: 1 })

  await db.tasks.update('a', { n: 2 })
  const wanted = { id: 'a', text: 'edited elsewhere', n: 2 }
  expect(await db.tasks.get('a')).toEqual(wanted)
  line.isCut = false
  await db.sync.now()
  expect(await db.tasks.get('a')).toEqual(wanted)
  expect(server.versions().map(({ value }) => value)).toEqual([wanted])
})
