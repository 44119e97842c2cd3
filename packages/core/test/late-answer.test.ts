import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { collection, createHoldfast, type RemoteStore, tokens } from '../src/index.ts'
import { createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
}

test('what a push was answered before the server was restored, and heard after, is sent again', async () => {
  const machine = createVirtualMachine({ seed: 1 })
  const runtime = machine.tab()
  const server = createMemoryServer()
  const honest = memoryRemote({ server })
  const answered = Promise.withResolvers<void>()
  const heard = Promise.withResolvers<void>()
  const remote: RemoteStore = {
    ...honest,
    async push(request) {
      const answer = await honest.push(request)
      answered.resolve()
      await heard.promise
      return answer
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
  await sync()
  await db.notes.put({ id: 'n' })
  const letPull = server.faults.hold('pull')
  const syncing = db.sync.now()
  await machine.time.advance(100)
  await answered.promise
  server.restore()
  letPull()
  await machine.time.advance(100)
  heard.resolve()
  await machine.time.advance(2000)
  await syncing
  await sync()
  expect(server.read('notes', 'n')?.value).toEqual({ id: 'n' })
  expect(await db.notes.get('n')).toEqual({ id: 'n' })
  await db.close()
})
