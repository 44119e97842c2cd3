import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import {
  type ConflictStrategy,
  collection,
  createHoldfast,
  type DeleteRule,
  type LocalStore,
  remoteWins,
  type SettledConflict,
  tokens,
} from '../src/index.ts'
import { createMemoryDisk, createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly mood?: string
}

/** A device on one disk; the next write of a tab can be kept from it, and so from the other tabs. */
async function createDevice(options: { conflict?: ConflictStrategy; deletes?: DeleteRule }) {
  const machine = createVirtualMachine({ seed: 1 })
  const disk = createMemoryDisk()
  const server = createMemoryServer()
  async function open() {
    const runtime = machine.tab()
    const store = memoryStore({ disk })
    let told: Promise<void> | null = null
    const local: LocalStore = Object.assign(Object.create(store), {
      async write(...[batch, options]: Parameters<LocalStore['write']>) {
        if (told !== null && batch.put?.some(([key]) => key.startsWith('w/'))) await told
        return store.write(batch, options)
      },
    })
    const db = await createHoldfast({
      name: 'notes',
      local,
      remote: memoryRemote({ server }),
      collections: { notes: collection<Note>(options) },
      parts: (container) => container.set(tokens.RUNTIME, runtime),
    })
    const settled: SettledConflict[] = []
    db.conflicts.onSettled((conflict) => settled.push(conflict))
    /** Starts a write that reaches neither the disk nor another tab before it is released. */
    async function hold(write: () => Promise<unknown>) {
      const held = Promise.withResolvers<void>()
      told = held.promise
      const writing = write()
      await machine.time.advance(2)
      told = null
      return async () => {
        held.resolve()
        await machine.time.advance(2)
        await writing
      }
    }
    return { db, settled, hold }
  }
  const waitFor = async <T>(work: Promise<T>) => {
    await machine.time.advance(2000)
    return work
  }
  return { server, open, waitFor }
}

/** The note is changed in one tab, and deleted in another that has not heard of it, nor been heard of. */
async function deletedAsChanged(deletes: DeleteRule) {
  const { server, open, waitFor } = await createDevice({ deletes })
  const leader = await open()
  const other = await open()
  await waitFor(leader.db.notes.put({ id: 'n', text: 'first' }))
  await waitFor(leader.db.sync.now())
  const tellDeletion = await other.hold(() => other.db.notes.delete('n'))
  const tellFirst = await leader.hold(() => leader.db.notes.update('n', { text: 'second' }))
  await tellFirst()
  const tellSecond = await leader.hold(() => leader.db.notes.put({ id: 'n', text: 'third', mood: 'good' }))
  await tellDeletion()
  // The deletion and the first change are sent, without the second, which is not durable yet.
  await waitFor(leader.db.sync.now())
  expect(server.read('notes', 'n')?.value).toBeNull()
  await tellSecond()
  await waitFor(leader.db.sync.now())
  return { server, ...leader }
}

test('a change that had not seen the deletion with which the change before it was sent is kept where edits win', async () => {
  const { server, db } = await deletedAsChanged('editWins')
  const wanted = { id: 'n', text: 'third', mood: 'good' }
  expect(server.read('notes', 'n')?.value).toEqual(wanted)
  expect(await db.notes.get('n')).toEqual(wanted)
})

test('where deletions win, such a change gives way, and that is told', async () => {
  const { server, db, settled } = await deletedAsChanged('deleteWins')
  expect(server.read('notes', 'n')?.value).toBeNull()
  expect(await db.notes.get('n')).toBeUndefined()
  expect(db.sync.status.getSnapshot().pending).toBe(0)
  expect(settled.flatMap(({ decisions }) => decisions)).toMatchObject([{ path: [], why: 'delete wins' }])
})

/** A transaction that changed the note before someone else's work came in, and ended after it. */
async function overtaken(
  options: { conflict?: ConflictStrategy; deletes?: DeleteRule },
  work: 'change' | 'delete',
) {
  const { server, open, waitFor } = await createDevice(options)
  const { db, settled } = await open()
  await waitFor(db.notes.put({ id: 'n', text: 'first' }))
  await waitFor(db.sync.now())
  const mayEnd = Promise.withResolvers<void>()
  const transaction = db.transact(async (tx) => {
    await tx.notes.update('n', { text: 'in the transaction', mood: 'good' })
    await mayEnd.promise
  })
  if (work === 'delete') server.delete('notes', 'n')
  else server.write('notes', { id: 'n', text: 'elsewhere' })
  await waitFor(db.sync.now())
  mayEnd.resolve()
  await waitFor(transaction)
  await waitFor(db.sync.now())
  expect(db.sync.status.getSnapshot().pending).toBe(0)
  return { server, db, settled }
}

test('a transaction that was made on a version that a pull replaced meanwhile is merged with the new one', async () => {
  const { server, db, settled } = await overtaken({ conflict: remoteWins() }, 'change')
  expect(server.read('notes', 'n')?.value).toEqual({ id: 'n', text: 'elsewhere' })
  expect(await db.notes.get('n')).toEqual({ id: 'n', text: 'elsewhere' })
  expect(settled).toHaveLength(1)
})

test('a transaction on a document that was deleted elsewhere meanwhile is kept where edits win', async () => {
  const { server } = await overtaken({ deletes: 'editWins' }, 'delete')
  expect(server.read('notes', 'n')?.value).toEqual({ id: 'n', text: 'in the transaction', mood: 'good' })
})

test('where deletions win, it gives way, and that is told', async () => {
  const { server, settled } = await overtaken({}, 'delete')
  expect(server.read('notes', 'n')?.value).toBeNull()
  expect(settled.flatMap(({ decisions }) => decisions)).toMatchObject([{ path: [], why: 'delete wins' }])
})

test('what this replica wrote and synced meanwhile is no conflict with its own transaction', async () => {
  const { server, open, waitFor } = await createDevice({ conflict: remoteWins() })
  const { db, settled } = await open()
  await waitFor(db.notes.put({ id: 'n', text: 'first' }))
  const mayEnd = Promise.withResolvers<void>()
  const transaction = db.transact(async (tx) => {
    await tx.notes.update('n', { text: 'in the transaction' })
    await mayEnd.promise
  })
  await waitFor(db.notes.update('n', { text: 'meanwhile', mood: 'good' }))
  await waitFor(db.sync.now())
  mayEnd.resolve()
  await waitFor(transaction)
  await waitFor(db.sync.now())
  expect(server.read('notes', 'n')?.value).toEqual({ id: 'n', text: 'in the transaction', mood: 'good' })
  expect(settled).toEqual([])
})
