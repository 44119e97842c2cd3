import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import {
  collection,
  createHoldfast,
  HoldfastError,
  type PushMutation,
  type RemoteStore,
  type Runtime,
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
  readonly by?: string
}

/** As many mutations as a remote remembers with a document. */
const REMEMBERED = 8

/** A device whose line can lose the answer to a push; `sent` has what went out under each id. */
async function device(server: MemoryServer, seed: number) {
  const machine = createVirtualMachine({ seed })
  const disk = createMemoryDisk()
  const honest = memoryRemote({ server })
  const sent = new Map<string, Set<string>>()
  const line = { isLossy: false, onConflict: () => {}, onMerged: async () => {} }
  const capabilities = { ...honest.capabilities }
  let isMerged = false
  const remote: RemoteStore = {
    ...honest,
    capabilities,
    async push(request) {
      for (const mutation of request.mutations)
        sent.set(mutation.id, (sent.get(mutation.id) ?? new Set()).add(JSON.stringify(mutation)))
      const answer = await honest.push(request)
      if (answer.outcomes.some(({ kind }) => kind === 'conflict')) {
        isMerged = true
        line.onConflict()
      } else if (isMerged) await line.onMerged()
      if (line.isLossy) throw new HoldfastError('network', 'Lost.', { retryable: true })
      return answer
    },
  }
  const open = (runtime: Runtime) =>
    createHoldfast({
      name: 'notes',
      local: memoryStore({ disk }),
      remote,
      collections: { notes: collection<Note>({ deletes: 'editWins' }) },
      parts: (container) => container.set(tokens.RUNTIME, runtime),
    })
  const db = await open(machine.tab())
  const sync = async () => {
    const syncing = db.sync.now()
    await machine.time.advance(2000)
    await syncing
  }
  const syncUnheard = async () => {
    line.isLossy = true
    await sync().catch(() => undefined)
    line.isLossy = false
  }
  return { db, open, machine, line, capabilities, sent, sync, syncUnheard }
}

/**
 * One writes a note and does not hear that it was stored; another reads it; a third changes it until
 * the server has forgotten the first one's mutation. Then the first sends it again.
 */
async function noteOlderThanMemory() {
  const server = createMemoryServer()
  const author = await device(server, 1)
  const reader = await device(server, 2)
  const other = await device(server, 3)
  await author.db.notes.put({ id: 'n', text: 'first', by: 'author' })
  await author.syncUnheard()
  await reader.sync()
  await other.sync()
  for (let n = 1; n <= REMEMBERED; n++) {
    await other.db.notes.put({ id: 'n', text: `change ${n}` })
    await other.sync()
  }
  return { server, author, reader, other }
}

test('what comes back as a conflict is sent under another id: an id is sent with one content', async () => {
  const { server, author } = await noteOlderThanMemory()
  const before = server.versions()[0]?.rev
  await author.sync()
  const [note] = server.versions()
  expect(note?.rev).not.toBe(before)
  expect(author.sent.size).toBe(2)
  for (const contents of author.sent.values()) expect(contents.size).toBe(1)
  expect(author.db.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0, conflicts: 0 })
  expect(await author.db.notes.get('n')).toEqual(note?.value)
})

test('what was changed on a version is not taken for a change of what was merged long after it', async () => {
  const { server, author, reader } = await noteOlderThanMemory()
  await author.sync()
  await reader.machine.time.advance(60_000)
  await reader.db.notes.delete('n')
  await reader.sync()
  expect(server.versions()[0]?.value).toMatchObject({ text: `change ${REMEMBERED}` })
})

/** A device with a change that meets a conflict; `onMerged` is called when the merged form took effect, before it is told so. */
async function inConflict(onMerged: (author: Awaited<ReturnType<typeof device>>) => Promise<unknown>) {
  const server = createMemoryServer()
  const [author, other] = [await device(server, 1), await device(server, 2)]
  await author.db.notes.put({ id: 'n', text: 'first' })
  await author.sync()
  await other.sync()
  await other.db.notes.update('n', { text: 'second' })
  await other.sync()
  await author.db.notes.update('n', { by: 'author' })
  author.line.onMerged = async () => {
    author.line.onMerged = async () => {}
    await onMerged(author)
  }
  return { server, author }
}

test('what is written while a merged change is in flight stands on it', async () => {
  const { server, author } = await inConflict(({ db }) => db.notes.delete('n'))
  await author.sync()
  await author.sync()
  expect(server.versions()).toMatchObject([{ value: null }])
})

test('what another tab wrote on a change that took effect merged stands on it, though it is told late', async () => {
  const late: (() => void)[] = []
  let isLate = false
  const tardy = (runtime: Runtime): Runtime => ({
    ...runtime,
    openChannel(name) {
      const channel = runtime.openChannel(name)
      return {
        ...channel,
        post: (message) => (isLate ? late.push(() => channel.post(message)) : channel.post(message)),
      }
    },
  })
  let tab: Awaited<ReturnType<typeof author.open>> | null = null
  const { server, author } = await inConflict(async () => {
    isLate = true
    await tab?.notes.delete('n')
    isLate = false
  })
  tab = await author.open(tardy(author.machine.tab()))
  await author.sync()
  expect(late).toHaveLength(1)
  for (const tell of late) tell()
  await author.machine.time.advance(10)
  await author.sync()
  expect(server.versions()).toMatchObject([{ value: null }])
})

/** Delivers the last request of a device once more, as a network may, long after its answer. */
async function deliverLate(server: MemoryServer, { sent }: Awaited<ReturnType<typeof device>>) {
  const [last] = [...sent.values()].at(-1) ?? []
  const mutations = [JSON.parse(last ?? '') as PushMutation]
  const { signal } = new AbortController()
  const { outcomes } = await memoryRemote({ server }).push({ mutations, replica: '0123456789abcdef', signal })
  expect(outcomes).toMatchObject([{ kind: 'applied' }])
}

test('what is written after a merged change was refused does not pass for a late copy of that change', async () => {
  const { server, author } = await inConflict(async () => {})
  server.faults.rejectWhen(() => ({ reason: 'closed' }))
  await author.sync()
  expect(author.db.failed.list()).toHaveLength(1)
  server.faults.rejectWhen(null)
  await deliverLate(server, author)
  await author.db.notes.update('n', { text: 'third' })
  await author.sync()
  expect(server.versions()).toMatchObject([{ value: { id: 'n', text: 'third', by: 'author' } }])
  expect(await author.db.notes.get('n')).toEqual({ id: 'n', text: 'third', by: 'author' })
  for (const contents of author.sent.values()) expect(contents.size).toBe(1)
  expect(author.db.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0, conflicts: 0 })
})

test('nor does what is written after a merged change was taken back with the rest of its transaction', async () => {
  const server = createMemoryServer()
  const [author, other] = [await device(server, 1), await device(server, 2)]
  await author.db.notes.insertMany(['m', 'n'].map((id) => ({ id, text: 'first' })))
  await author.sync()
  await other.sync()
  await other.db.notes.update('n', { text: 'second' })
  await other.sync()
  await author.db.transact(async ({ notes }) => {
    await notes.update('m', { by: 'author' })
    await notes.update('n', { by: 'author' })
  })
  // The first time n meets a conflict; the second time m is refused, and takes what n became with it.
  let times = 0
  server.faults.rejectWhen(({ documentId }) =>
    documentId === 'm' && ++times === 2 ? { reason: 'closed' } : null,
  )
  await author.sync()
  expect(author.db.failed.list()).toMatchObject([{ id: 'm' }])
  await author.db.failed.discard({ collection: 'notes', id: 'm' })
  await author.db.notes.update('n', { text: 'third' })
  await author.sync()
  for (const contents of author.sent.values()) expect(contents.size).toBe(1)
  expect(server.read('notes', 'n')?.value).toEqual({ id: 'n', text: 'third', by: 'author' })
})

test('what was taken back as a whole is sent in parts under ids of their own', async () => {
  const server = createMemoryServer()
  const [author, other] = [await device(server, 1), await device(server, 2)]
  await author.db.notes.insertMany(['m', 'n', 'o', 'p'].map((id) => ({ id, text: 'first' })))
  await author.sync()
  await other.sync()
  await other.db.notes.update('p', { text: 'second' })
  await other.sync()
  for (const id of ['n', 'o', 'p']) {
    await author.db.transact(async ({ notes }) => {
      await notes.update('m', { text: `with ${id}` })
      await notes.update(id, { by: 'author' })
    })
  }
  author.line.onConflict = () => {
    author.capabilities.atomicGroups = 2
  }
  await author.sync()
  for (const contents of author.sent.values()) expect(contents.size).toBe(1)
  expect(server.read('notes', 'm')?.value).toEqual({ id: 'm', text: 'with p' })
  expect(server.read('notes', 'p')?.value).toEqual({ id: 'p', text: 'second', by: 'author' })
  expect(author.db.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0, conflicts: 0 })
})
