import { createVirtualMachine, type VirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import {
  askUser,
  collection,
  createHoldfast,
  type PushMutation,
  type RemoteStore,
  tokens,
} from '../src/index.ts'
import {
  createMemoryDisk,
  createMemoryServer,
  type MemoryServer,
  memoryRemote,
  memoryStore,
} from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text: string
}

const HOUR = 3_600_000

/** A device whose disk outlives its sessions; `sent` is everything that left it. */
function device(server: MemoryServer, seed: number) {
  const machine: VirtualMachine = createVirtualMachine({ seed })
  const disk = createMemoryDisk()
  const honest = memoryRemote({ server })
  const sent: PushMutation[] = []
  const remote: RemoteStore = {
    ...honest,
    push(request) {
      sent.push(...request.mutations)
      return honest.push(request)
    },
  }
  async function open() {
    const runtime = machine.tab()
    const db = await createHoldfast({
      name: 'notes',
      local: memoryStore({ disk }),
      remote,
      collections: { notes: collection<Note>({ conflict: askUser('which?') }) },
      parts: (container) => container.set(tokens.RUNTIME, runtime),
    })
    const waitFor = async <T>(work: Promise<T>) => {
      await machine.time.advance(2000)
      return work
    }
    return { db, waitFor, sync: () => waitFor(db.sync.now()) }
  }
  return { machine, sent, open }
}

test('what was stamped above a document of a clock far ahead is below what comes after it', async () => {
  const server = createMemoryServer()
  const [mine, theirs] = [device(server, 1), device(server, 2)]
  theirs.machine.jumpWallClock(HOUR)
  const [here, there] = [await mine.open(), await theirs.open()]
  await there.waitFor(there.db.notes.put({ id: 'a', text: 'theirs' }))
  await there.sync()
  await here.sync()
  await here.waitFor(
    here.db.transact(async (tx) => {
      await tx.notes.put({ id: 'a', text: 'mine' })
      await tx.notes.put({ id: 'b', text: 'mine' })
    }),
  )
  await here.sync()
  const hlcs = mine.sent.map(({ documentId, hlc }) => [documentId, hlc])
  expect(hlcs.map(([id]) => id)).toEqual(['a', 'b'])
  expect(hlcs.map(([, hlc]) => hlc)).toEqual(hlcs.map(([, hlc]) => hlc).sort())
})

test('a clock that was set back goes on above what a settled conflict was stamped with', async () => {
  const server = createMemoryServer()
  const [mine, theirs] = [device(server, 1), device(server, 2)]
  const [here, there] = [await mine.open(), await theirs.open()]
  await here.waitFor(here.db.notes.put({ id: 'a', text: 'old' }))
  await here.sync()
  await there.sync()
  await there.waitFor(there.db.notes.put({ id: 'a', text: 'theirs' }))
  await there.sync()
  await here.waitFor(here.db.notes.put({ id: 'a', text: 'mine' }))
  await here.sync()
  await mine.machine.time.advance(HOUR)
  await here.waitFor(
    here.db.conflicts.resolve({ collection: 'notes', id: 'a', value: { id: 'a', text: 'both' } }),
  )
  await here.waitFor(here.db.close())

  mine.machine.jumpWallClock(-HOUR)
  const again = await mine.open()
  await again.waitFor(again.db.notes.put({ id: 'b', text: 'later' }))
  await again.sync()
  const last = new Map(mine.sent.map(({ documentId, hlc }) => [documentId, hlc]))
  expect((last.get('b') ?? '') > (last.get('a') ?? '')).toBe(true)
})
