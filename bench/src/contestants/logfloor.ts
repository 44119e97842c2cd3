import type { Contact } from '../contacts.ts'
import type { Contestant, Link, Replica } from './contestant.ts'
import { done, request } from './idb.ts'
import { fetchContacts, sendContacts } from './link.ts'

/**
 * What the platform allows to whoever keeps everything in memory and writes few records: one record
 * of text for each page, write or acknowledgement. A bound, and no product: it checks nothing,
 * never compacts, knows no other tab, and cannot tell a conflict.
 */
export const contestant: Contestant = {
  async open(link) {
    const database = await openDatabase()
    const replica = new LogReplica(database, link)
    const texts = await request<string[]>(database.transaction('log').objectStore('log').getAll())
    for (const text of texts) replica.take(JSON.parse(text) as LogRecord)
    return replica
  },
}

type LogRecord =
  | { readonly kind: 'page'; readonly contacts: readonly Contact[]; readonly next: number }
  | { readonly kind: 'written'; readonly contacts: readonly Contact[] }
  | { readonly kind: 'sent'; readonly ids: readonly string[] }

class LogReplica implements Replica {
  readonly #database: IDBDatabase
  readonly #link: Link
  readonly #contacts = new Map<string, Contact>()
  readonly #outbox = new Set<string>()
  readonly #observers = new Set<() => void>()
  /** Contacts in the order of their names, of all and by tag; made when they are asked for. */
  readonly #sorted = new Map<string | null, readonly Contact[]>()
  #since = 0

  constructor(database: IDBDatabase, link: Link) {
    this.#database = database
    this.#link = link
  }

  take(record: LogRecord): void {
    if (record.kind === 'sent') {
      for (const id of record.ids) this.#outbox.delete(id)
      return
    }
    this.#sorted.clear()
    for (const contact of record.contacts) {
      this.#contacts.set(contact.id, contact)
      if (record.kind === 'written') this.#outbox.add(contact.id)
    }
    if (record.kind === 'page') this.#since = record.next
  }

  async #append(record: LogRecord): Promise<void> {
    this.take(record)
    for (const observer of this.#observers) observer()
    const transaction = this.#database.transaction('log', 'readwrite')
    transaction.objectStore('log').put(JSON.stringify(record))
    await done(transaction)
  }

  put(contact: Contact): Promise<void> {
    return this.#append({ kind: 'written', contacts: [contact] })
  }

  putMany(contacts: readonly Contact[]): Promise<void> {
    return this.#append({ kind: 'written', contacts })
  }

  async pull(): Promise<void> {
    const { pageSize } = this.#link
    let page = await fetchContacts(this.#since, pageSize)
    for (;;) {
      const following = page.hasMore ? fetchContacts(page.next, pageSize) : null
      await this.#append({ kind: 'page', contacts: page.contacts, next: page.next })
      if (following === null) return
      page = await following
    }
  }

  async push(): Promise<void> {
    while (this.#outbox.size > 0) {
      const ids = [...this.#outbox].slice(0, this.#link.pushSize)
      await sendContacts(ids.map((id) => this.#contacts.get(id) as Contact))
      await this.#append({ kind: 'sent', ids })
    }
  }

  get(id: string): Contact | undefined {
    return this.#contacts.get(id)
  }

  following(name: string): readonly Contact[] {
    const all = this.#byName(null)
    let [low, high] = [0, all.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((all[middle] as Contact).name < name) low = middle + 1
      else high = middle
    }
    return all.slice(low, low + 50)
  }

  topOf(tag: string): readonly Contact[] {
    return this.#byName(tag).slice(0, 50)
  }

  #byName(tag: string | null): readonly Contact[] {
    const known = this.#sorted.get(tag)
    if (known !== undefined) return known
    const some = [...this.#contacts.values()].filter((contact) => tag === null || contact.tag === tag)
    const sorted = some.sort((a, b) => (a.name < b.name ? -1 : 1))
    this.#sorted.set(tag, sorted)
    return sorted
  }

  async observe(tag: string, tell: (contacts: readonly Contact[]) => void): Promise<() => void> {
    const observer = () => tell(this.topOf(tag))
    observer()
    this.#observers.add(observer)
    return () => this.#observers.delete(observer)
  }

  pending(): number {
    return this.#outbox.size
  }

  all(): Iterable<Contact> {
    return this.#contacts.values()
  }

  async close(): Promise<void> {
    this.#database.close()
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open('bench', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('log', { autoIncrement: true })
  return request(opening)
}
