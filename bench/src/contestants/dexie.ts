import { Dexie, liveQuery, type Table } from 'dexie'
import type { Contact } from '../contacts.ts'
import type { Contestant, Replica } from './contestant.ts'
import { fetchContacts, sendContacts } from './link.ts'

const LAST = '\uffff'

/** Dexie with an outbox table, written in the same transaction: what its users build for sync. */
class Database extends Dexie {
  declare docs: Table<Contact, string>
  declare outbox: Table<Contact, string>
  declare meta: Table<number, string>

  constructor() {
    super('bench')
    this.version(1).stores({ docs: 'id, name, [tag+name]', outbox: 'id', meta: '' })
  }
}

export const contestant: Contestant = {
  async open({ pageSize, pushSize }): Promise<Replica> {
    const db = new Database()
    await db.open()
    const top = (tag: string) =>
      db.docs.where('[tag+name]').between([tag, ''], [tag, LAST]).limit(50).toArray()
    return {
      put: (contact) =>
        db.transaction('rw', db.docs, db.outbox, async () => {
          await Promise.all([db.docs.put(contact), db.outbox.put(contact)])
        }),
      putMany: (contacts) =>
        db.transaction('rw', db.docs, db.outbox, async () => {
          await Promise.all([db.docs.bulkPut(contacts), db.outbox.bulkPut(contacts)])
        }),
      async pull() {
        let page = await fetchContacts((await db.meta.get('since')) ?? 0, pageSize)
        for (;;) {
          const following = page.hasMore ? fetchContacts(page.next, pageSize) : null
          const { contacts, next } = page
          await db.transaction('rw', db.docs, db.meta, async () => {
            await Promise.all([db.docs.bulkPut(contacts), db.meta.put(next, 'since')])
          })
          if (following === null) return
          page = await following
        }
      },
      async push() {
        for (;;) {
          const contacts = await db.outbox.limit(pushSize).toArray()
          if (contacts.length === 0) return
          await sendContacts(contacts)
          await db.outbox.bulkDelete(contacts.map(({ id }) => id))
        }
      },
      get: (id) => db.docs.get(id),
      following: (name) => db.docs.where('name').aboveOrEqual(name).limit(50).toArray(),
      topOf: top,
      async observe(tag, tell) {
        const subscription = liveQuery(() => top(tag)).subscribe(tell)
        return () => subscription.unsubscribe()
      },
      pending: () => db.outbox.count(),
      all: () => db.docs.toArray(),
      close: async () => db.close(),
    }
  },
}
