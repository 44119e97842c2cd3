import { expect, test } from 'vitest'
import { collection, createHoldfast } from '../src/index.ts'
import { createMemoryDisk, createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Contact {
  readonly id: string
  readonly name: string
  readonly phone?: string
  readonly age?: number
}

const open = (disk = createMemoryDisk()) =>
  createHoldfast({
    name: 'crm',
    local: memoryStore({ disk }),
    collections: { contacts: collection<Contact>() },
  })

test('what was written offline is there after a reopen', async () => {
  const disk = createMemoryDisk()
  const db = await open(disk)
  const ada = await db.contacts.insert({ name: 'Ada' })
  await db.contacts.update(ada.id, { phone: '1' })
  await db.contacts.update(ada.id, { age: 36 }, { unset: ['phone'] })
  const bob = await db.contacts.insert({ name: 'Bob' })
  expect(await db.contacts.delete(bob.id)).toBe(true)
  expect(await db.contacts.delete(bob.id)).toBe(false)
  await db.close()
  const again = await open(disk)
  expect(await again.contacts.find()).toEqual([{ id: ada.id, name: 'Ada', age: 36 }])
  expect(again.sync.status.getSnapshot()).toMatchObject({ pending: 5, state: 'stopped' })
  await again.close()
})

test('a collection that stayed on this device sends what it holds once it is synced', async () => {
  const disk = createMemoryDisk()
  const server = createMemoryServer()
  const openWith = (sync: boolean) =>
    createHoldfast({
      name: 'crm',
      local: memoryStore({ disk }),
      remote: memoryRemote({ server }),
      collections: { contacts: collection<Contact>({ sync }) },
    })
  const alone = await openWith(false)
  await alone.contacts.insert({ id: 'a', name: 'Ada' })
  await alone.contacts.insert({ id: 'b', name: 'Bob' })
  await alone.contacts.delete('b')
  await alone.sync.optimize()
  await alone.contacts.insert({ id: 'c', name: 'Cid' })
  await alone.close()
  expect(server.versions()).toEqual([])

  const synced = await openWith(true)
  await synced.sync.now()
  expect(server.read('contacts', 'a')?.value).toEqual({ id: 'a', name: 'Ada' })
  expect(server.read('contacts', 'c')?.value).toEqual({ id: 'c', name: 'Cid' })
  expect(server.versions()).toHaveLength(2)
  expect(await synced.contacts.find()).toHaveLength(2)
  expect(synced.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0 })
  await synced.close()
})
