import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { collection, createHoldfast, type Runtime, tokens } from '../src/index.ts'
import {
  createMemoryDisk,
  createMemoryServer,
  type MemoryDisk,
  memoryRemote,
  memoryStore,
} from '../src/memory.ts'
import { LOGS } from '../src/storage/keys.ts'

interface Note {
  readonly id: string
  readonly text: string
  readonly n?: number
}

const openTab = (disk: MemoryDisk, runtime: Runtime, local = memoryStore({ disk })) =>
  createHoldfast({
    name: 'notes',
    local,
    collections: { notes: collection<Note>(), drafts: collection<Note>({ sync: false }) },
    parts: (container) => container.set(tokens.RUNTIME, runtime),
  })

function setUp(seed: number) {
  const machine = createVirtualMachine({ seed })
  const disk = createMemoryDisk()
  return { machine, disk, tab: () => openTab(disk, machine.tab()) }
}

test('every tab sees what another wrote', async () => {
  const { machine, tab } = setUp(1)
  const a = await tab()
  const b = await tab()
  const { id } = await a.notes.insert({ text: 'from a' })
  await machine.time.advance(10)
  expect(await b.notes.get(id)).toEqual({ id, text: 'from a' })
  await Promise.all([a.notes.update(id, { text: 'a' }), b.notes.update(id, { n: 1 })])
  await machine.time.advance(10)
  expect(await a.notes.get(id)).toEqual(await b.notes.get(id))
  expect(await a.notes.get(id)).toEqual({ id, text: 'a', n: 1 })
})

test('a tab that opens while others write misses nothing', async () => {
  const { machine, tab } = setUp(2)
  const a = await tab()
  const writes = Array.from({ length: 50 }, (_, n) => a.notes.insert({ text: 'x', n }))
  const opening = tab()
  await Promise.all(writes)
  const b = await opening
  await a.notes.insert({ text: 'last', n: 50 })
  await machine.time.advance(10)
  const numbers = (await b.notes.find()).map(({ n }) => n ?? -1)
  expect(numbers.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 51 }, (_, n) => n))
})

test('tabs that open a new database at once share it', async () => {
  for (let seed = 100; seed < 130; seed++) {
    const { machine, disk } = setUp(seed)
    const tabs = await Promise.all([0, 1, 2, 3].map((late) => openTabLate(disk, machine.tab(), late)))
    await machine.time.advance(10)
    expect(tabs.filter((db) => db.sync.status.getSnapshot().isLeader)).toHaveLength(1)
    for (const db of tabs) await db.notes.insert({ text: 'one' })
    await machine.time.advance(10)
    for (const db of tabs) expect(await db.notes.find()).toHaveLength(4)
  }
})

async function openTabLate(disk: MemoryDisk, runtime: Runtime, turns: number) {
  for (let i = 0; i < turns * 3; i++) await Promise.resolve()
  return openTab(disk, runtime)
}

test('one tab leads; when it dies, another takes over', async () => {
  const { machine, disk } = setUp(3)
  const first = machine.tab()
  const a = await openTab(disk, first)
  const b = await openTab(disk, machine.tab())
  await machine.time.advance(10)
  expect([a, b].map((db) => db.sync.status.getSnapshot().isLeader)).toEqual([true, false])
  machine.kill(first)
  await machine.time.advance(10)
  expect(b.sync.status.getSnapshot().isLeader).toBe(true)
})

test('a frozen leader is taken over, and its late commits are refused', async () => {
  const { machine, disk } = setUp(4)
  const first = machine.tab()
  const a = await openTab(disk, first)
  const b = await openTab(disk, machine.tab())
  await machine.time.advance(10)
  machine.freeze(first)
  await machine.time.advance(60_000)
  expect(b.sync.status.getSnapshot().isLeader).toBe(true)
  const { id } = await b.drafts.insert({ text: 'kept here' })
  await b.sync.optimize()
  machine.thaw(first)
  await machine.time.advance(10)
  expect(a.sync.status.getSnapshot().isLeader).toBe(false)
  expect(await a.drafts.get(id)).toEqual({ id, text: 'kept here' })
})

test('documents of a local-only collection are not pending, and outlive folding, compaction and a reopen', async () => {
  const { machine, disk, tab } = setUp(5)
  const db = await tab()
  await machine.time.advance(10)
  const documents = await db.drafts.insertMany(
    Array.from({ length: 1200 }, (_, n) => ({ text: `draft ${n}`, n })),
  )
  for (const { id } of documents.slice(0, 900)) await db.drafts.update(id, { text: 'changed' })
  await db.sync.optimize()
  expect(db.sync.status.getSnapshot().pending).toBe(0)
  for (const { id } of documents.slice(0, 700)) await db.drafts.delete(id)
  await db.sync.optimize()
  const expected = await db.drafts.find({ orderBy: { n: 'asc' } })
  expect(expected).toHaveLength(500)
  await db.close()
  const again = await openTab(disk, machine.tab())
  expect(await again.drafts.find({ orderBy: { n: 'asc' } })).toEqual(expected)
  expect(again.sync.status.getSnapshot().pending).toBe(0)
})

test('a tab that wants sync gets it from whichever tab leads', async () => {
  const machine = createVirtualMachine({ seed: 6 })
  const disk = createMemoryDisk()
  const server = createMemoryServer()
  const open = (runtime: Runtime) =>
    createHoldfast({
      name: 'notes',
      local: memoryStore({ disk }),
      remote: memoryRemote({ server }),
      collections: { notes: collection<Note>() },
      parts: (container) => container.set(tokens.RUNTIME, runtime),
    })
  const tabs = [machine.tab(), machine.tab(), machine.tab()] as const
  await open(tabs[0])
  await open(tabs[1])
  const wanting = await open(tabs[2])
  wanting.sync.start()
  await machine.time.advance(10_000)
  await wanting.notes.insert({ id: 'one', text: 'while the first leads' })
  await machine.time.advance(1000)
  expect(server.read('notes', 'one')).toBeDefined()
  machine.kill(tabs[0])
  await machine.time.advance(10_000)
  await wanting.notes.insert({ id: 'two', text: 'while the second leads' })
  await machine.time.advance(1000)
  expect(server.read('notes', 'two')).toBeDefined()
  expect(wanting.sync.status.getSnapshot()).toMatchObject({ isLeader: false, pending: 0, state: 'idle' })
})

test('what a tab wrote and closed upon, while the leader was frozen, reaches the leader', async () => {
  const { machine, disk } = setUp(7)
  const runtimes = [machine.tab(), machine.tab()] as const
  const leader = await openTab(disk, runtimes[0])
  await machine.time.advance(100)
  machine.freeze(runtimes[0])
  const other = await openTab(disk, runtimes[1])
  await other.notes.insert({ id: 'a', text: 'unheard' })
  await other.close()
  machine.thaw(runtimes[0])
  await machine.time.advance(100)
  expect(await leader.notes.get('a')).toEqual({ id: 'a', text: 'unheard' })
})

test('what a leader wrote before it could hear of a newcomer is there when the newcomer takes over', async () => {
  const { machine, disk } = setUp(8)
  const runtimes = [machine.tab(), machine.tab()] as const
  const leader = await openTab(disk, runtimes[0])
  await machine.time.advance(100)
  const newcomer = await openTab(disk, runtimes[1])
  await leader.notes.insert({ id: 'a', text: 'told to nobody' })
  machine.kill(runtimes[0])
  await machine.time.advance(30_000)
  expect(newcomer.sync.status.getSnapshot().isLeader).toBe(true)
  expect(await newcomer.notes.get('a')).toEqual({ id: 'a', text: 'told to nobody' })
})

test('what a tab wrote and closed upon, while another was reading, is not missed by the other', async () => {
  const { machine, disk, tab } = setUp(9)
  const read = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const slow = memoryStore({ disk })
  const local = Object.assign(Object.create(slow) as typeof slow, {
    capabilities: slow.capabilities,
    async scan(range: Parameters<typeof slow.scan>[0]) {
      const found = await slow.scan(range)
      if (range.from === LOGS.from) {
        read.resolve()
        await goOn.promise
      }
      return found
    },
  })
  await tab()
  const writer = await tab()
  await machine.time.advance(100)
  const opening = openTab(disk, machine.tab(), local)
  await read.promise
  await writer.notes.insert({ id: 'a', text: 'after the log was read' })
  await machine.time.advance(10)
  await writer.close()
  goOn.resolve()
  const late = await opening
  await machine.time.advance(10)
  expect(await late.notes.get('a')).toEqual({ id: 'a', text: 'after the log was read' })
})

test('what a tab wrote to a database that was deleted is not heard by tabs of the next one', async () => {
  const { machine, disk, tab } = setUp(10)
  const written = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const slow = memoryStore({ disk })
  const local = Object.assign(Object.create(slow) as typeof slow, {
    capabilities: slow.capabilities,
    async write(...[batch, options]: Parameters<typeof slow.write>) {
      await slow.write(batch, options)
      if (!batch.put?.some(([key]) => key.startsWith(LOGS.from))) return
      written.resolve()
      await goOn.promise
    },
  })
  const frozen = machine.tab()
  const before = await openTab(disk, frozen, local)
  await machine.time.advance(10)
  const writing = before.drafts.put({ id: 'a', text: 'deleted with the database' })
  await written.promise
  machine.freeze(frozen)
  disk.lose('notes')
  const after = await tab()
  await machine.time.advance(60_000)
  machine.thaw(frozen)
  goOn.resolve()
  await writing
  await machine.time.advance(10)
  expect(await after.drafts.get('a')).toBeUndefined()
})
