import { afterEach, expect, test } from 'vitest'
import { collection, createHoldfast, HoldfastError, type RemoteStore } from '../src/index.ts'
import { createMemoryServer, memoryRemote } from '../src/memory.ts'
import { readBefore } from './support/read-before.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly n?: number
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** The first push takes effect and its answer is lost; the first pull of these collections, from the beginning, comes after it. */
async function withLostAnswer() {
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const handled = Promise.withResolvers<void>()
  let isLost = false
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      const answer = await honest.push(request)
      handled.resolve()
      if (isLost) return answer
      isLost = true
      throw new HoldfastError('network', 'The answer was lost. It is sent again.', { retryable: true })
    },
    async pull(request) {
      await handled.promise
      return honest.pull(request)
    },
  }
  const db = await createHoldfast({
    name: 'notes',
    local: await readBefore(server),
    remote,
    collections: { notes: collection<Note>(), tasks: collection<Note>({ deletes: 'editWins' }) },
  })
  closing.push(() => db.close())
  await db.transact(async (tx) => {
    await tx.notes.put({ id: 'a', text: 'first', n: 1 })
    await tx.tasks.put({ id: 'a', text: 'first', n: 1 })
  })
  await expect(db.sync.now()).rejects.toMatchObject({ code: 'network' })
  expect(server.versions()).toHaveLength(2)
  return { db, server }
}

test('what a pull brings back of a push whose answer was lost is no change by someone else', async () => {
  const { db, server } = await withLostAnswer()
  await db.notes.put({ id: 'a', n: 2 })
  await db.tasks.delete('a')
  expect(await db.notes.get('a')).toEqual({ id: 'a', n: 2 })
  expect(await db.tasks.get('a')).toBeUndefined()

  const settled: unknown[] = []
  db.conflicts.onSettled((conflict) => settled.push(conflict))
  await db.sync.now()
  expect(settled).toEqual([])
  expect(await db.notes.get('a')).toEqual({ id: 'a', n: 2 })
  expect(await db.tasks.get('a')).toBeUndefined()
  expect(server.versions().map(({ value }) => value)).toEqual([{ id: 'a', n: 2 }, null])
  expect(db.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0, conflicts: 0 })
})
