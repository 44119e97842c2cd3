import { afterEach, expect, test } from 'vitest'
import {
  askUser,
  type ConflictStrategy,
  collection,
  createHoldfast,
  HoldfastError,
  localWins,
  type RemoteStore,
  threeWay,
} from '../src/index.ts'
import { createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly n?: number
  readonly done?: boolean
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A client whose pushes can be cut off while it pulls. */
async function setUp(conflict: ConflictStrategy = threeWay(localWins())) {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const line = { isCut: false, losesAnswers: false }
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      if (line.isCut) throw new HoldfastError('network', 'The line is cut.', { retryable: true })
      const answer = await honest.push(request)
      if (line.losesAnswers) throw new HoldfastError('network', 'The answer is lost.', { retryable: true })
      return answer
    },
  }
  const collections = { tasks: collection<Note>({ deletes: 'editWins', conflict }) }
  const db = await createHoldfast({ name: 'notes', local: memoryStore(), remote, collections })
  closing.push(() => db.close())
  await db.tasks.put({ id: 'a', text: 'first', n: 1 })
  await db.sync.now()
  line.isCut = true
  const pull = () => expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  const push = async () => {
    line.isCut = false
    for (let round = 0; round < 2; round++) await db.sync.now()
    return server.read('tasks', 'a')?.value
  }
  return { db, server, line, pull, push }
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

/** The document was deleted here, and an edit elsewhere was seen to keep it. */
async function keptByAnEdit() {
  const { db, server, pull, push } = await setUp()
  await db.tasks.delete('a')
  server.write('tasks', { id: 'a', text: 'edited elsewhere', n: 1 })
  await pull()
  return { db, server, pull, push }
}

test('of what an edit elsewhere kept alive, only what is changed here counts as changed here', async () => {
  const { db, server, pull, push } = await keptByAnEdit()
  await db.tasks.update('a', { n: 2 })
  server.write('tasks', { id: 'a', text: 'edited again', n: 1 })
  await pull()
  const wanted = { id: 'a', text: 'edited again', n: 2 }
  expect(await db.tasks.get('a')).toEqual(wanted)
  await db.tasks.update('a', { done: true })
  server.write('tasks', { id: 'a', n: 1 })
  await pull()
  expect(await db.tasks.get('a')).toEqual({ id: 'a', n: 2, done: true })
  expect(await push()).toEqual({ id: 'a', n: 2, done: true })
  expect(await db.tasks.get('a')).toEqual({ id: 'a', n: 2, done: true })
})

test('the same where the deletion took effect, unheard, before the document was written elsewhere', async () => {
  const { db, server, line } = await setUp()
  Object.assign(line, { isCut: false, losesAnswers: true })
  await db.tasks.delete('a')
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  expect(server.read('tasks', 'a')?.value).toBeNull()
  server.write('tasks', { id: 'a', text: 'written elsewhere', n: 1 })
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  expect(await db.tasks.get('a')).toEqual({ id: 'a', text: 'written elsewhere', n: 1 })
  await db.tasks.update('a', { n: 2 })
  server.write('tasks', { id: 'a', text: 'edited again', n: 1 })
  line.losesAnswers = false
  for (let round = 0; round < 2; round++) await db.sync.now()
  expect(server.read('tasks', 'a')?.value).toEqual({ id: 'a', text: 'edited again', n: 2 })
})

test('what an edit elsewhere kept alive, and is changed here, outlives a deletion elsewhere whole', async () => {
  const { db, server, pull, push } = await keptByAnEdit()
  await db.tasks.update('a', { n: 2 })
  server.delete('tasks', 'a')
  await pull()
  const wanted = { id: 'a', text: 'edited elsewhere', n: 2 }
  expect(await db.tasks.get('a')).toEqual(wanted)
  expect(await push()).toEqual(wanted)
})

test('what an edit elsewhere kept alive is gone when it is deleted again', async () => {
  const { db, push } = await keptByAnEdit()
  await db.tasks.delete('a')
  expect(await db.tasks.get('a')).toBeUndefined()
  expect(await push()).toBeNull()
})

test('unless there is another edit, which was not seen', async () => {
  const { db, server, pull, push } = await keptByAnEdit()
  await db.tasks.delete('a')
  server.write('tasks', { id: 'a', text: 'edited again' })
  await pull()
  expect(await db.tasks.get('a')).toEqual({ id: 'a', text: 'edited again' })
  expect(await push()).toEqual({ id: 'a', text: 'edited again' })
})

/** What was changed here is shown merged with an edit elsewhere. */
async function mergedOnSight() {
  const { db, server, pull, push } = await setUp()
  await db.tasks.update('a', { n: 2 })
  server.write('tasks', { id: 'a', text: 'edited elsewhere', n: 1 })
  await pull()
  expect(await db.tasks.get('a')).toEqual({ id: 'a', text: 'edited elsewhere', n: 2 })
  return { db, server, pull, push }
}

test('who deletes a document that shows an edit elsewhere has seen that edit', async () => {
  const { db, pull, push } = await mergedOnSight()
  await db.tasks.delete('a')
  await pull()
  expect(await db.tasks.get('a')).toBeUndefined()
  expect(await push()).toBeNull()
  expect(await db.tasks.get('a')).toBeUndefined()
})

test('the same where it is changed and deleted in one transaction', async () => {
  const { db, push } = await mergedOnSight()
  await db.transact(async (tx) => {
    await tx.tasks.update('a', { done: true })
    await tx.tasks.delete('a')
  })
  expect(await db.tasks.get('a')).toBeUndefined()
  expect(await push()).toBeNull()
})

test('an edit elsewhere that was not seen keeps the document from that deletion', async () => {
  const { db, server, pull, push } = await mergedOnSight()
  await db.tasks.delete('a')
  server.write('tasks', { id: 'a', text: 'edited again', n: 1 })
  await pull()
  expect(await db.tasks.get('a')).toEqual({ id: 'a', text: 'edited again', n: 1 })
  expect(await push()).toEqual({ id: 'a', text: 'edited again', n: 1 })
})

test('an edit elsewhere that waits for a person was not seen in the document', async () => {
  const { db, server, pull, push } = await setUp(threeWay(askUser()))
  await db.tasks.update('a', { text: 'edited here' })
  server.write('tasks', { id: 'a', text: 'edited elsewhere', n: 1 })
  await pull()
  expect(await db.tasks.get('a')).toEqual({ id: 'a', text: 'edited here', n: 1 })
  await db.tasks.delete('a')
  expect(await push()).toEqual({ id: 'a', text: 'edited elsewhere', n: 1 })
})
