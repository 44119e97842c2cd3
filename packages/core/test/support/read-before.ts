import { collection, createHoldfast, type LocalStore } from '../../src/index.ts'
import { createMemoryDisk, type MemoryServer, memoryRemote, memoryStore } from '../../src/memory.ts'

/** The store of the database `notes`, which has read from `server`, but none of the collections that an application adds later. */
export async function readBefore(server: MemoryServer): Promise<LocalStore> {
  const disk = createMemoryDisk()
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore({ disk }),
    remote: memoryRemote({ server }),
    collections: { earlier: collection() },
  })
  await db.sync.now()
  await db.close()
  return memoryStore({ disk })
}
