import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import {
  type ConflictStrategy,
  collection,
  createHoldfast,
  HoldfastError,
  type LocalStore,
  remoteWins,
  tokens,
} from '../src/index.ts'
import {
  createMemoryDisk,
  createMemoryServer,
  type MemoryServerBackup,
  memoryRemote,
  memoryStore,
} from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly mood?: string
}

const lost = () => new HoldfastError('network', 'Lost.', { retryable: true })

interface DeviceOptions {
  readonly conflict?: ConflictStrategy
  readonly maxBatch?: number
  readonly seed?: number
}

/** A device on one disk, whose next commit of a pull can be kept from the disk for a while. */
function createDevice({ maxBatch = 100, seed = 1, ...options }: DeviceOptions) {
  const machine = createVirtualMachine({ seed })
  const disk = createMemoryDisk()
  const server = createMemoryServer({ maxBatch })
  let begun = () => {}
  let goOn: Promise<void> | null = null
  async function open() {
    const runtime = machine.tab()
    const store = memoryStore({ disk })
    let told: Promise<void> | null = null
    const local: LocalStore = Object.assign(Object.create(store), {
      async write(...[batch, options]: Parameters<LocalStore['write']>) {
        if (goOn !== null && batch.put?.some(([key]) => key === 'm')) {
          begun()
          await goOn
        }
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
    const waitFor = async <T>(work: Promise<T>) => {
      await machine.time.advance(2000)
      return work
    }
    const sync = () => waitFor(db.sync.now())
    /** Runs `work` when what a pull brought is planned and not stored yet. */
    async function whileStoring(work: () => Promise<unknown>) {
      const planned = new Promise<void>((resolve) => {
        begun = resolve
      })
      const held = Promise.withResolvers<void>()
      goOn = held.promise
      const syncing = db.sync.now()
      syncing.catch(() => undefined)
      await machine.time.advance(2000)
      await planned
      await waitFor(work())
      goOn = null
      held.resolve()
      await waitFor(syncing.catch(() => undefined))
    }
    /** Runs `work` when this tab made a write that no other tab has heard of. */
    async function beforeTelling(write: () => Promise<unknown>, work: () => Promise<unknown>) {
      const held = Promise.withResolvers<void>()
      told = held.promise
      const writing = write()
      await machine.time.advance(10)
      await work()
      told = null
      held.resolve()
      await waitFor(writing)
    }
    return { db, sync, waitFor, whileStoring, beforeTelling }
  }
  return { server, open }
}

/** A note of which the server loses, by a restore, what this device was acknowledged to have written. */
async function noteThatIsRewound({ to, ...options }: DeviceOptions & { to: 'an older version' | 'nothing' }) {
  const { server, open } = createDevice(options)
  const device = await open()
  const { db, sync, waitFor } = device
  let backup: MemoryServerBackup | undefined
  if (to === 'an older version') {
    await waitFor(db.notes.put({ id: 'n', text: 'old' }))
    await sync()
    backup = server.backup()
    await waitFor(db.notes.update('n', { mood: 'good' }))
  } else await waitFor(db.notes.put({ id: 'n', text: 'old', mood: 'good' }))
  await sync()
  expect(server.read('notes', 'n')?.value).toEqual({ id: 'n', text: 'old', mood: 'good' })
  server.restore(backup)
  return { server, open, ...device }
}

const WANTED = { id: 'n', text: 'new', mood: 'good' }
const situations = ['an older version', 'nothing'] as const

test.each(situations)(
  'a change made while a document goes back to %s does not undo what is written there again',
  async (to) => {
    const { server, db, sync, whileStoring } = await noteThatIsRewound({ to })
    await whileStoring(() => db.notes.update('n', { text: 'new' }))
    expect(await db.notes.get('n')).toEqual(WANTED)
    await sync()
    expect(server.read('notes', 'n')?.value).toEqual(WANTED)
  },
)

test.each(situations)(
  'a change made while a document goes back to %s is the same after a restart',
  async (to) => {
    const { server, db, open, waitFor, whileStoring } = await noteThatIsRewound({ to })
    server.faults.fail(lost(), { call: 'push', count: 99 })
    await whileStoring(() => db.notes.update('n', { text: 'new' }))
    expect(await db.notes.get('n')).toEqual(WANTED)
    await waitFor(db.close())
    const again = await open()
    expect(await again.db.notes.get('n')).toEqual(WANTED)
  },
)

test.each(situations)(
  'a change of another tab that is heard of after a document went back to %s is not undone by what is written there again',
  async (to) => {
    const { server, db, open, sync } = await noteThatIsRewound({ to })
    const other = await open()
    server.faults.fail(lost(), { call: 'push', count: 3 })
    await other.beforeTelling(
      () => other.db.notes.update('n', { text: 'new' }),
      () => sync().catch(() => undefined),
    )
    for (const tab of [db, other.db]) expect(await tab.notes.get('n')).toEqual(WANTED)
    for (let round = 0; round < 5; round++) await sync().catch(() => undefined)
    expect(server.read('notes', 'n')?.value).toEqual(WANTED)
  },
)

test.each(situations)(
  'a change that waits as a document goes back to %s does not undo what was written before it',
  async (to) => {
    const { server, db, sync, waitFor } = await noteThatIsRewound({ to })
    server.faults.fail(lost(), { call: 'push', count: 1 })
    await waitFor(db.notes.update('n', { text: 'new' }))
    await sync().catch(() => undefined)
    for (let round = 0; round < 3; round++) await sync()
    expect(await db.notes.get('n')).toEqual(WANTED)
    expect(server.read('notes', 'n')?.value).toEqual(WANTED)
  },
)

test('a transaction that waits as a document of it goes back to nothing is sent whole', async () => {
  const { server, db, sync, waitFor } = await noteThatIsRewound({ to: 'nothing', maxBatch: 2 })
  server.faults.fail(lost(), { call: 'push' })
  // One push cannot carry both.
  for (const other of ['a', 'b']) {
    const both = db.transact(async (tx) => {
      await tx.notes.update('n', { text: other })
      await tx.notes.put({ id: other })
    })
    await waitFor(both)
  }
  const idsByGroup = new Map<string | undefined, Set<string>>()
  server.faults.rejectWhen(({ group, documentId }) => {
    idsByGroup.set(group, new Set([...(idsByGroup.get(group) ?? []), documentId]))
    return null
  })
  for (let round = 0; round < 3; round++) await sync().catch(() => undefined)
  expect([...idsByGroup.values()]).toEqual([new Set(['n', 'a']), new Set(['n', 'b'])])
  expect(server.read('notes', 'n')?.value).toEqual({ id: 'n', text: 'b', mood: 'good' })
})

test('what went back several times is written again in its order', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const { server, open } = createDevice({ seed })
    const { db, sync, waitFor } = await open()
    await waitFor(db.notes.put({ id: 'n', text: 'old' }))
    await sync()
    const backups = [server.backup()]
    await waitFor(db.notes.update('n', { mood: 'good' }))
    await sync()
    backups.push(server.backup())
    server.restore(backups[0])
    server.faults.fail(lost(), { call: 'push', count: 9 })
    await sync().catch(() => undefined)
    // What is written again is merged with this.
    server.write('notes', { id: 'n', text: 'old', by: 'another program' })
    for (let round = 0; round < 12; round++) await sync().catch(() => undefined)
    expect(server.read('notes', 'n')?.value).toEqual({ ...WANTED, text: 'old', by: 'another program' })
    for (const backup of backups.toReversed()) {
      server.restore(backup)
      server.faults.fail(lost(), { call: 'push' })
      await sync().catch(() => undefined)
    }
    for (let round = 0; round < 3; round++) await sync().catch(() => undefined)
    expect(server.read('notes', 'n')?.value).toEqual({ ...WANTED, text: 'old', by: 'another program' })
  }
})

test('a change that waits as its document goes back is in no conflict with the older version', async () => {
  const { server, db, sync, waitFor } = await noteThatIsRewound({
    to: 'an older version',
    conflict: remoteWins(),
  })
  await waitFor(db.notes.update('n', { mood: 'better' }))
  for (let round = 0; round < 3; round++) await sync()
  expect(server.read('notes', 'n')?.value).toEqual({ id: 'n', text: 'old', mood: 'better' })
})

test('a change that waits as its document goes back to nothing stands on nothing, also when it is folded and read again', async () => {
  const { server, db, open, sync, waitFor } = await noteThatIsRewound({ to: 'nothing' })
  server.faults.setAvailable(false)
  await waitFor(db.notes.update('n', { text: 'new' }))
  await waitFor(db.sync.optimize())
  server.faults.setAvailable(true)
  server.faults.fail(lost(), { call: 'push' })
  await sync().catch(() => undefined)
  server.faults.rejectWhen(({ documentId }) => (documentId === 'n' ? { reason: 'not_now' } : null))
  await waitFor(db.notes.put({ id: 'other' }))
  await sync()
  await waitFor(db.sync.optimize())
  await waitFor(db.close())
  server.write('notes', { id: 'n', text: 'by another program' })
  server.faults.rejectWhen(null)
  const again = await open()
  await again.waitFor(again.db.failed.retry({ collection: 'notes', id: 'n' }))
  for (let round = 0; round < 2; round++) await again.sync()
  expect(server.read('notes', 'n')?.value).toMatchObject({ mood: 'good' })
})
