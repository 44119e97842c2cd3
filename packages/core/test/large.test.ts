import { afterAll, beforeAll, expect, type Mock, test, vi } from 'vitest'
import { collection, createHoldfast, type LocalStore, tokens } from '../src/index.ts'
import { createMemoryDisk, createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'
import { MAX_DOCUMENTS_AT_HAND } from '../src/storage/page-cache.ts'
import type { Storage } from '../src/storage/storage.ts'

interface Item {
  readonly id: string
  readonly name: string
  readonly group: string
  readonly note?: string
}

const COUNT = MAX_DOCUMENTS_AT_HAND + 500
const pad = (n: number) => String(n).padStart(6, '0')
const item = (n: number): Item => ({
  id: `i${pad(n)}`,
  name: `n${pad((n * 7919) % COUNT)}`,
  group: `g${n % 1000}`,
})
const OF_GROUP = { where: { group: 'g7' }, orderBy: { name: 'asc' }, limit: 20 } as const

function expectedOf(items: readonly Item[]): Item[] {
  return items
    .filter(({ group }) => group === 'g7')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, 20)
}

function setUp() {
  const server = createMemoryServer()
  const disk = createMemoryDisk()
  const items = Array.from({ length: COUNT }, (_, n) => item(n))
  for (const one of items) server.write('items', { ...one })
  return { server, disk, items }
}

type Parts = Parameters<NonNullable<Parameters<typeof createHoldfast>[0]['parts']>>[0]

let stage: ReturnType<typeof setUp>
let storage: Storage
let getMany: Mock<LocalStore['getMany']>

async function open() {
  let container: Parts | null = null
  const local = memoryStore({ disk: stage.disk })
  getMany = vi.spyOn(local, 'getMany')
  const opened = await createHoldfast({
    name: 'large',
    local,
    remote: memoryRemote({ server: stage.server }),
    schedule: { pullLimit: 5000 },
    collections: { items: collection<Item>({ indexes: ['name', 'group'] }) },
    parts: (parts) => {
      container = parts
    },
  })
  storage = (container as unknown as Parts).get(tokens.STORAGE) as unknown as Storage
  return opened
}

let db: Awaited<ReturnType<typeof open>>

/** One database for all tests, since it takes its time: each looks at documents of its own. */
beforeAll(async () => {
  stage = setUp()
  db = await open()
  await db.sync.now()
})

afterAll(() => db.close())

const inMemory = () => [...storage.tables.rows()].filter(({ content }) => typeof content !== 'symbol').length

test('a database that grows large keeps a part of its documents in memory, and answers as before', async () => {
  expect(storage.isAtHand).toBe(false)
  expect(inMemory()).toBeLessThan(COUNT)
  expect(await db.items.find(OF_GROUP)).toEqual(expectedOf(stage.items))
  expect(await db.items.get(item(3).id)).toEqual(item(3))
  expect(await db.items.find({ where: { name: item(5).name } })).toEqual([item(5)])
  expect(await db.items.find({ where: { note: { exists: true } } })).toEqual([])
})

test('opened again, it reads what it is asked for', async () => {
  await db.close()
  db = await open()
  expect(storage.isAtHand).toBe(false)
  expect(inMemory()).toBe(0)
  expect(await db.items.get(item(9).id)).toEqual(item(9))
  const live = db.items.live(OF_GROUP)
  expect(live.isLoading).toBe(true)
  const told = new Promise<void>((resolve) => live.subscribe(resolve))
  await told
  expect(live.isLoading).toBe(false)
  expect(live.getSnapshot()).toEqual(expectedOf(stage.items))
})

test('a first query looks at each page once, and reads again only what it shows', async () => {
  await db.close()
  db = await open()
  await storage.ready
  const readBy = async (group: string) => {
    getMany.mockClear()
    const found = await db.items.find({ ...OF_GROUP, where: { group } })
    expect(found.map((one) => one.group)).toEqual(Array.from({ length: 20 }, () => group))
    return getMany.mock.calls.flatMap(([keys]) => keys.filter((key) => key.startsWith('p'))).length
  }
  expect(await readBy('g20')).toBeLessThanOrEqual(storage.manifest.pages.length + 20)
  expect(await readBy('g21')).toBeLessThanOrEqual(20)
})

test('what was read from disk cannot be changed, whichever way it was found', async () => {
  const one = await db.items.get(item(50_000).id)
  const found = await db.items.find({ where: { id: { gte: item(COUNT - 3).id } } })
  const without = await db.items.find({ orderBy: [{ note: 'asc' }, { name: 'desc' }], limit: 3 })
  const noted = await db.items.find({ where: { note: { exists: false } }, limit: 3 })
  for (const each of [one, ...found, ...without, ...noted]) expect(Object.isFrozen(each)).toBe(true)
  expect([without.length, noted.length]).toEqual([3, 3])
})

test('documents on disk are written, synced, and changed from elsewhere like any other', async () => {
  const first = expectedOf(stage.items)[0] as Item
  await db.items.update(first.id, { note: 'mine' })
  expect(await db.items.delete(item(8).id)).toBe(true)
  await expect(db.items.insert(item(9))).rejects.toMatchObject({ code: 'document_exists' })
  await db.transact(async (tx) => {
    const one = await tx.items.get(item(10).id)
    await tx.items.put({ ...item(10), note: `${one?.name} in a group` })
  })
  stage.server.write('items', { ...item(11), note: 'theirs' })
  await db.sync.now()
  expect(db.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0, conflicts: 0 })
  expect(stage.server.read('items', first.id)?.value).toEqual({ ...first, note: 'mine' })
  expect(stage.server.read('items', item(8).id)?.value).toBe(null)
  expect(await db.items.get(item(11).id)).toEqual({ ...item(11), note: 'theirs' })
  expect(await db.items.find({ where: { note: { exists: true } }, orderBy: { id: 'asc' } })).toEqual(
    [
      { ...first, note: 'mine' },
      { ...item(10), note: `${item(10).name} in a group` },
      { ...item(11), note: 'theirs' },
    ].sort((a, b) => (a.id < b.id ? -1 : 1)),
  )
})

test('writes to one document that is on disk keep their order, awaited or not', async () => {
  await db.close()
  db = await open()
  const { id } = item(12)
  const writes = ['a', 'b', 'c'].map((note) => db.items.update(id, { note }))
  await Promise.resolve()
  writes.push(db.items.update(id, { note: 'd' }))
  await Promise.all(writes)
  expect(await db.items.get(id)).toEqual({ ...item(12), note: 'd' })
})
