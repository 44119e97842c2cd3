import { expect, test } from 'vitest'
import { collection, createHoldfast } from '../src/index.ts'
import { memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly n?: number
}

test('a transaction takes effect when its work ends: a write made meanwhile comes before it', async () => {
  const db = await createHoldfast({
    name: 'order',
    local: memoryStore(),
    collections: { notes: collection<Note>() },
  })
  await db.notes.insert({ id: 'a' })
  const { promise: drafted, resolve: onDrafted } = Promise.withResolvers<void>()
  const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>()
  const transaction = db.transact(async (tx) => {
    await tx.notes.update('a', { text: 'transaction' })
    onDrafted()
    await goesOn
  })
  await drafted
  await db.notes.update('a', { text: 'meanwhile', n: 1 })
  goOn()
  await transaction
  expect(await db.notes.get('a')).toEqual({ id: 'a', text: 'transaction', n: 1 })
  await db.close()
})

test('a transaction that creates a document does so only if no write made meanwhile did', async () => {
  const db = await createHoldfast({
    name: 'order',
    local: memoryStore(),
    collections: { notes: collection<Note>() },
  })
  const { promise: drafted, resolve: onDrafted } = Promise.withResolvers<void>()
  const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>()
  const transaction = db.transact(async (tx) => {
    await tx.notes.insert({ id: 'a', text: 'transaction' })
    onDrafted()
    await goesOn
    await tx.notes.insert({ id: 'b' })
  })
  await drafted
  await db.notes.insert({ id: 'a', text: 'meanwhile' })
  goOn()
  await expect(transaction).rejects.toMatchObject({ code: 'document_exists' })
  expect(await db.notes.find()).toEqual([{ id: 'a', text: 'meanwhile' }])
  await db.close()
})
