import { expect, test } from 'vitest'
import * as z from 'zod'
import { collection, createHoldfast } from '../src/index.ts'
import { createMemoryDisk, memoryStore } from '../src/memory.ts'

const task = z.object({ title: z.string().trim(), done: z.boolean().default(false) })

const open = (disk = createMemoryDisk()) =>
  createHoldfast({
    name: 'tasks',
    local: memoryStore({ disk }),
    collections: { tasks: collection({ schema: task }) },
  })

test('what a schema fills in and mends is what is stored, by every way of writing', async () => {
  const disk = createMemoryDisk()
  const db = await open(disk)
  const inserted = await db.tasks.insert({ title: ' wash ' })
  expect(inserted).toEqual({ id: inserted.id, title: 'wash', done: false })
  await db.tasks.put({ id: 'b', title: ' dry ' })
  await db.tasks.update('b', { title: ' fold ' })
  await db.transact(async (tx) => {
    await tx.tasks.insert({ id: 'c', title: ' iron ' })
  })
  const expected = [
    { id: 'b', title: 'fold', done: false },
    { id: 'c', title: 'iron', done: false },
    inserted,
  ].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const byId = async (from: typeof db) => (await from.tasks.find()).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  expect(await byId(db)).toEqual(expected)
  await db.close()
  expect(await byId(await open(disk))).toEqual(expected)
})

test('a field that the schema does not know does not come in', async () => {
  const db = await open()
  const { id } = await db.tasks.insert({ title: 'wash', extra: 1 } as { title: string })
  expect(await db.tasks.get(id)).toEqual({ id, title: 'wash', done: false })
})
