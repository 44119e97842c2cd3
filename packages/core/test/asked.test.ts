import { expect, test } from 'vitest'
import { askUser, collection, createHoldfast, threeWay } from '../src/index.ts'
import { createMemoryServer, type MemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly n?: number
}

const device = (server: MemoryServer) =>
  createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote: memoryRemote({ server }),
    collections: { notes: collection<Note>({ conflict: threeWay(askUser('which?')), deletes: 'ask' }) },
  })

async function inConflict() {
  const server = createMemoryServer()
  const [mine, theirs] = [await device(server), await device(server)]
  await mine.notes.put({ id: 'a', text: 'old', n: 0 })
  await mine.sync.now()
  await theirs.sync.now()
  await mine.notes.update('a', { text: 'mine' })
  await theirs.notes.update('a', { text: 'theirs', n: 7 })
  await theirs.sync.now()
  await mine.sync.now()
  expect(mine.conflicts.list()).toMatchObject([
    { id: 'a', base: { text: 'old' }, remote: { text: 'theirs' } },
  ])
  expect(mine.notes.stateOf('a')).toMatchObject({ kind: 'conflict' })
  return { mine, theirs, ref: { collection: 'notes', id: 'a' } }
}

test.each([
  ['local', { id: 'a', text: 'mine', n: 7 }],
  ['remote', { id: 'a', text: 'theirs', n: 7 }],
] as const)(
  'taking the %s side settles what both changed, and keeps what one side changed',
  async (take, expected) => {
    const { mine, theirs, ref } = await inConflict()
    await mine.conflicts.resolve({ ...ref, take })
    await mine.sync.now()
    await theirs.sync.now()
    expect(mine.conflicts.list()).toEqual([])
    expect(await mine.notes.get('a')).toEqual(expected)
    expect(await theirs.notes.get('a')).toEqual(expected)
  },
)

test('a document of one’s own, and a deletion, settle it too', async () => {
  for (const value of [{ id: 'a', text: 'both' }, null]) {
    const { mine, theirs, ref } = await inConflict()
    await mine.conflicts.resolve({ ...ref, value })
    await mine.sync.now()
    await theirs.sync.now()
    expect(await theirs.notes.get('a')).toEqual(value ?? undefined)
    expect(mine.sync.status.getSnapshot()).toMatchObject({ pending: 0, conflicts: 0 })
  }
})

test('a deletion against an edit is settled by either side', async () => {
  for (const take of ['local', 'remote'] as const) {
    const server = createMemoryServer()
    const [mine, theirs] = [await device(server), await device(server)]
    await mine.notes.put({ id: 'a', text: 'old' })
    await mine.sync.now()
    await theirs.sync.now()
    await mine.notes.update('a', { text: 'mine' })
    await theirs.notes.delete('a')
    await theirs.sync.now()
    await mine.sync.now()
    await mine.conflicts.resolve({ collection: 'notes', id: 'a', take })
    await mine.sync.now()
    await theirs.sync.now()
    const expected = take === 'local' ? { id: 'a', text: 'mine' } : undefined
    expect(await mine.notes.get('a')).toEqual(expected)
    expect(await theirs.notes.get('a')).toEqual(expected)
  }
})

test('a sync that changes no document tells no live query', async () => {
  const db = await device(createMemoryServer())
  await db.notes.insert({ id: 'a', n: 1 })
  await db.notes.update('a', { n: 2 })
  let told = 0
  db.notes.live().subscribe(() => told++)
  await db.sync.now()
  expect(told).toBe(0)
})
