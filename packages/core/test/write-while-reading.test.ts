import { expect, test } from 'vitest'
import { collection, createHoldfast, type LocalStore, tokens } from '../src/index.ts'
import { memoryStore } from '../src/memory.ts'
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

test('what is written and durable while the database is read again is shown afterwards', async () => {
  const { store, hold } = slowStore()
  let container: { get(token: typeof tokens.STORAGE): unknown } | null = null
  const db = await createHoldfast({
    name: 'notes',
    local: store,
    collections: { notes: collection<Note>() },
    parts: (parts) => {
      container = parts
    },
  })
  await db.notes.insert({ id: 'before' })
  const storage = (container as unknown as { get(token: typeof tokens.STORAGE): Storage }).get(tokens.STORAGE)
  const { answered, release } = hold()
  const reading = storage.reload()
  await answered
  await db.notes.insert({ id: 'meanwhile' })
  release()
  await reading
  expect((await db.notes.find()).map(({ id }) => id).sort()).toEqual(['before', 'meanwhile'])
  await db.close()
})
