import { expect, test } from 'vitest'
import { collection, createHoldfast, HoldfastError, type LocalStore } from '../src/index.ts'
import { createMemoryDisk, createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly mood?: string
}

/** A device on one disk, whose next page can be kept from the disk for a while. */
function createDevice() {
  const disk = createMemoryDisk()
  const server = createMemoryServer()
  let begun = () => {}
  let goOn: Promise<void> | null = null
  const open = () => {
    const store = memoryStore({ disk })
    const local: LocalStore = Object.assign(Object.create(store), {
      async write(...[batch, options]: Parameters<LocalStore['write']>) {
        if (goOn !== null && batch.put?.some(([key]) => key.startsWith('p/'))) {
          begun()
          await goOn
        }
        return store.write(batch, options)
      },
    })
    return createHoldfast({
      name: 'notes',
      local,
      remote: memoryRemote({ server }),
      collections: { notes: collection<Note>() },
    })
  }
  /** Runs `work` when a page is planned and not stored yet. */
  async function whilePageIsWritten(db: Awaited<ReturnType<typeof open>>, work: () => Promise<unknown>) {
    const planned = new Promise<void>((resolve) => {
      begun = resolve
    })
    const held = Promise.withResolvers<void>()
    goOn = held.promise
    const syncing = db.sync.now()
    await planned
    await work()
    goOn = null
    held.resolve()
    await syncing.catch(() => undefined)
  }
  return { server, open, whilePageIsWritten }
}

test('a document created on a tombstone, as the server brings it back, is the same after a restart', async () => {
  const { server, open, whilePageIsWritten } = createDevice()
  const db = await open()
  await db.notes.put({ id: 'n', text: 'first' })
  await db.sync.now()
  server.delete('notes', 'n')
  await db.sync.now()
  server.write('notes', { id: 'n', text: 'by the server' })
  // What is sent does not arrive, so that it is still pending after the restart.
  server.faults.fail(new HoldfastError('network', 'Lost.', { retryable: true }), { call: 'push', count: 9 })
  await whilePageIsWritten(db, () => db.notes.put({ id: 'n', mood: 'good' }))
  const seen = await db.notes.get('n')
  expect(seen).toEqual({ id: 'n', text: 'by the server', mood: 'good' })
  await db.close()
  const again = await open()
  expect(await again.notes.get('n')).toEqual(seen)
  await again.close()
})
