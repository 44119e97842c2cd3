import { canonicalJson, collection, createHoldfast, type RemoteStore } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { expect, test } from 'vitest'
import { copyInto } from './dump.ts'
import { ADA, openStage, type Stage } from './stage.ts'

interface Contact {
  readonly id: string
  readonly name: string
  readonly age?: number
}

/** The remote of whichever cluster serves now, under one address. */
function behindOneAddress(current: () => Stage): RemoteStore {
  const remoteNow = () => current().remoteOf(ADA)
  const { specVersion, name, capabilities } = remoteNow()
  return {
    specVersion,
    name,
    capabilities,
    pull: (request) => remoteNow().pull(request),
    push: (request) => remoteNow().push(request),
  }
}

const openDevice = (remote: RemoteStore) =>
  createHoldfast({
    name: 'crm',
    local: memoryStore(),
    remote,
    collections: { contacts: collection<Contact>() },
    schedule: { pullLimit: 5 },
  })

test('devices that meet a restored cluster reconcile by revision, and bring back what they wrote since the dump', async () => {
  const [source, target] = [await openStage(), await openStage()]
  let serving = source
  try {
    const [a, b] = [
      await openDevice(behindOneAddress(() => serving)),
      await openDevice(behindOneAddress(() => serving)),
    ]
    const owned = { owner: ADA }
    for (let n = 0; n < 12; n++)
      await a.contacts.put({ id: `c${String(n).padStart(2, '0')}`, name: 'before', ...owned } as Contact)
    for (const db of [a, b]) await db.sync.now()
    await copyInto(target, source)
    await a.contacts.update('c01', { name: 'since, by a' })
    await a.contacts.put({ id: 'new', name: 'since, by a', ...owned } as Contact)
    await b.contacts.update('c02', { age: 7 })
    await b.contacts.delete('c03')
    for (const db of [a, b, a]) await db.sync.now()
    const before = canonicalJson((await a.contacts.find()) as never)
    await b.contacts.update('c04', { name: 'pending over the restore' })

    serving = target
    for (const db of [a, b, a, b]) await db.sync.now()
    const documents = await a.contacts.find()
    expect(canonicalJson((await b.contacts.find()) as never)).toBe(canonicalJson(documents as never))
    const expected = JSON.parse(before) as Contact[]
    expect(documents).toEqual(
      expected.map((contact) =>
        contact.id === 'c04' ? { ...contact, name: 'pending over the restore' } : contact,
      ),
    )
    const rows = await target.query<Contact>('select id, name from contacts order by id collate "C"')
    expect(rows).toEqual(documents.map(({ id, name }) => ({ id, name })))
    await Promise.all([a.close(), b.close()])
  } finally {
    await source.stop()
    await target.stop()
  }
})
