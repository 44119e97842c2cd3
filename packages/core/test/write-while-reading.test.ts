import { expect, test } from 'vitest'
import { collection, createHoldfast, type LocalStore, tokens } from '../src/index.ts'
import { memoryStore } from '../src/memory.ts'
import { pendingIn, readHead } from '../src/storage/head.ts'
import { LOGS } from '../src/storage/keys.ts'
import type { Storage } from '../src/storage/storage.ts'

interface Note {
  readonly id: string
}

/** A store that can hold back what it answered of the log. */
function slowStore() {
  const store = memoryStore()
  let held: { readonly onAnswered: () => void; readonly until: Promise<void> } | null = null
  const slow: LocalStore = {
    ...store,
    async scan(range) {
      const entries = await store.scan(range)
      if (range.from >= LOGS.from && range.to <= LOGS.to) {
        held?.onAnswered()
        await held?.until
      }
      return entries
    },
  }
  const hold = () => {
    const { promise: answered, resolve: onAnswered } = Promise.withResolvers<void>()
    const { promise: until, resolve: release } = Promise.withResolvers<void>()
    held = { onAnswered, until }
    return { answered, release }
  }
  return { store: slow, hold }
}

async function open(store: LocalStore) {
  let container: { get(token: typeof tokens.STORAGE): unknown } | null = null
  const db = await createHoldfast({
    name: 'notes',
    local: store,
    collections: { notes: collection<Note>(), drafts: collection<Note>({ sync: false }) },
    parts: (parts) => {
      container = parts
    },
  })
  const storage = (container as unknown as { get(token: typeof tokens.STORAGE): Storage }).get(tokens.STORAGE)
  return { db, storage }
}

test('what is written and durable while the database is read again is shown afterwards', async () => {
  const { store, hold } = slowStore()
  const { db, storage } = await open(store)
  await db.notes.insert({ id: 'before' })
  const { answered, release } = hold()
  const reading = storage.reload()
  await answered
  await db.notes.insert({ id: 'meanwhile' })
  release()
  await reading
  expect((await db.notes.find()).map(({ id }) => id).sort()).toEqual(['before', 'meanwhile'])
  await db.close()
})

test('what took effect while the database is read again is not pending after a fold', async () => {
  const { store, hold } = slowStore()
  const { db, storage } = await open(store)
  await db.sync.optimize()
  const { answered, release } = hold()
  const reading = storage.reload()
  await answered
  await db.drafts.insert({ id: 'meanwhile' })
  await db.sync.optimize()
  release()
  const head = await readHead(store)
  expect(head && pendingIn(head)).toBe(0)
  await reading
  await db.close()
})
