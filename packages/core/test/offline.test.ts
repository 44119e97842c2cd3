import { expect, test } from 'vitest'
import { collection, createHoldfast } from '../src/index.ts'
import { createMemoryDisk, memoryStore } from '../src/memory.ts'

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
