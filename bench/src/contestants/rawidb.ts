import type { Contact } from '../contacts.ts'
import type { Contestant, Link, Replica } from './contestant.ts'
import { done, request } from './idb.ts'
import { fetchContacts, sendContacts } from './link.ts'

/** The floor: IndexedDB with no library. One record per document and one per outbox entry, in one transaction. */
const LAST = '\uffff'

export const contestant: Contestant = {
  open: async (link) => new RawReplica(await openDatabase(), link),
}

class RawReplica implements Replica {
  readonly #database: IDBDatabase
  readonly #link: Link
  readonly #observers = new Set<() => Promise<void>>()

  constructor(database: IDBDatabase, link: Link) {
    this.#database = database
    this.#link = link
  }

  async put(contact: Contact): Promise<void> {
    const transaction = this.#writing('docs', 'outbox')
    transaction.objectStore('docs').put(contact)
    transaction.objectStore('outbox').put(contact)
    await done(transaction)
    for (const observer of this.#observers) await observer()
  }

  async putMany(contacts: readonly Contact[]): Promise<void> {
    const transaction = this.#writing('docs', 'outbox')
    const [docs, outbox] = [transaction.objectStore('docs'), transaction.objectStore('outbox')]
    for (const contact of contacts) {
      docs.put(contact)
      outbox.put(contact)
    }
    await done(transaction)
  }

  async pull(): Promise<void> {
    const { pageSize } = this.#link
    const since = await request<number | undefined>(this.#reading('meta').get('since'))
    let page = await fetchContacts(since ?? 0, pageSize)
    for (;;) {
      const following = page.hasMore ? fetchContacts(page.next, pageSize) : null
      const transaction = this.#writing('docs', 'meta')
      const docs = transaction.objectStore('docs')
      for (const contact of page.contacts) docs.put(contact)
      transaction.objectStore('meta').put(page.next, 'since')
      await done(transaction)
      if (following === null) return
      page = await following
    }
  }

  async push(): Promise<void> {
    const { pushSize } = this.#link
    for (;;) {
      const contacts = await request<Contact[]>(this.#reading('outbox').getAll(null, pushSize))
      if (contacts.length === 0) return
      await sendContacts(contacts)
      const transaction = this.#writing('outbox')
      const outbox = transaction.objectStore('outbox')
      for (const { id } of contacts) outbox.delete(id)
      await done(transaction)
    }
  }

  get(id: string): Promise<Contact | undefined> {
    return request(this.#reading('docs').get(id))
  }

  following(name: string): Promise<Contact[]> {
    return request(this.#reading('docs').index('name').getAll(IDBKeyRange.lowerBound(name), 50))
  }

  topOf(tag: string): Promise<Contact[]> {
    return request(
      this.#reading('docs')
        .index('tag')
        .getAll(IDBKeyRange.bound([tag], [tag, LAST]), 50),
    )
  }

  async observe(tag: string, tell: (contacts: readonly Contact[]) => void): Promise<() => void> {
    const observer = async () => tell(await this.topOf(tag))
    await observer()
    this.#observers.add(observer)
    return () => this.#observers.delete(observer)
  }

  pending(): Promise<number> {
    return request(this.#reading('outbox').count())
  }

  all(): Promise<Contact[]> {
    return request(this.#reading('docs').getAll())
  }

  async close(): Promise<void> {
    this.#database.close()
  }

  #writing(...stores: string[]): IDBTransaction {
    return this.#database.transaction(stores, 'readwrite')
  }

  #reading(store: string): IDBObjectStore {
    return this.#database.transaction(store).objectStore(store)
  }
}

async function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open('bench', 1)
  opening.onupgradeneeded = () => {
    const docs = opening.result.createObjectStore('docs', { keyPath: 'id' })
    docs.createIndex('name', 'name')
    docs.createIndex('tag', ['tag', 'name'])
    opening.result.createObjectStore('outbox', { keyPath: 'id' })
    opening.result.createObjectStore('meta')
  }
  return request(opening)
}
