import { expect, test } from 'vitest'
import { collection, createHoldfast, type LocalStore } from '../src/index.ts'
import { memoryStore } from '../src/memory.ts'

test('status tells that what was here before is gone, whenever the store comes to say so', async () => {
  for (const isEarly of [true, false]) {
    const store = memoryStore()
    let tell = () => {}
    const local: LocalStore = {
      ...store,
      async open(name, events) {
        await store.open(name, events)
        tell = () => events?.onDropped?.({ at: 1234 })
        if (isEarly) tell()
      },
    }
    const db = await createHoldfast({ name: 'notes', local, collections: { notes: collection() } })
    if (!isEarly) {
      expect(db.sync.status.getSnapshot().droppedAt).toBeNull()
      tell()
    }
    expect(db.sync.status.getSnapshot()).toMatchObject({ droppedAt: 1234, state: 'stopped' })
    await db.close()
  }
})
