import { expect, test } from 'vitest'
import { collection, createHoldfast, type LocalStore } from '../src/index.ts'
import { createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'
import { LEDGER, LOGS } from '../src/storage/keys.ts'

interface Note {
  readonly id: string
}

test('what is discarded is durable first: the ledger never speaks of a write that the disk has not', async () => {
  const store = memoryStore()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const written: string[] = []
  let isHeld = false
  const slow: LocalStore = {
    ...store,
    async write(batch, options) {
      const keys = (batch.put ?? []).map(([key]) => key)
      if (isHeld && keys.some((key) => key >= LOGS.from && key < LOGS.to)) await released
      await store.write(batch, options)
      written.push(...keys)
    },
  }
  const db = await createHoldfast({
    name: 'notes',
    local: slow,
    remote: memoryRemote({ server: createMemoryServer() }),
    collections: { notes: collection<Note>() },
  })
  await db.sync.now()
  isHeld = true
  const writing = db.notes.put({ id: 'a' })
  const discarding = db.failed.discard({ collection: 'notes', id: 'a' })
  for (let turn = 0; turn < 100; turn++) await Promise.resolve()
  release()
  await Promise.all([writing, discarding])
  const records = written.map((key) => key.slice(0, 2)).filter((kind) => kind !== 'm' && kind !== 'q')
  expect(records.slice(0, 2)).toEqual([LOGS.from, LEDGER.from])
  expect(await db.notes.get('a')).toBeUndefined()
  await db.close()
})
