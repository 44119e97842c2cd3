import { observable, syncState } from '@legendapp/state'
import { ObservablePersistIndexedDB } from '@legendapp/state/persist-plugins/indexeddb'
import { syncObservable } from '@legendapp/state/sync'
import type { Contact } from '../contacts.ts'
import type { Contestant, Replica } from './contestant.ts'
import { fetchContacts, sendContacts } from './link.ts'

interface Waiting {
  readonly id: string
  /** Another one for each write: what is equal would be no change, and nothing would be saved. */
  readonly turn: number
}

interface Mark {
  readonly id: 'pulled'
  readonly at: number
}

const TABLES = ['contacts', 'outbox', 'marks']

/** Its IndexedDB plugin, with the promise of each save kept: nothing else tells when a change is durable. */
class AwaitedPersist extends ObservablePersistIndexedDB {
  #next = Promise.withResolvers<void>()

  override async set(...change: Parameters<ObservablePersistIndexedDB['set']>): Promise<void> {
    const { resolve, reject } = this.#next
    this.#next = Promise.withResolvers<void>()
    await super
      .set(...change)
      .then(() => this.#committed())
      .then(resolve, reject)
  }

  /** A save resolves when its last request did, before its transaction ended: one that waits for it has. */
  #committed(): Promise<void> {
    const { db } = this as unknown as { db: IDBDatabase }
    return new Promise((resolve) => {
      const transaction = db.transaction(TABLES)
      transaction.objectStore('marks').count()
      transaction.oncomplete = () => resolve()
    })
  }

  /** Resolves when the next change that is made from now on is durable. */
  get next(): Promise<void> {
    return this.#next.promise
  }
}

/** Two observables of records by id, documents and outbox, each kept by its IndexedDB plugin. */
export const contestant: Contestant = {
  async open({ pageSize, pushSize }): Promise<Replica> {
    const persisted = async <T>(name: string) => {
      const records$ = observable<Record<string, T>>({})
      const plugin = new AwaitedPersist({ databaseName: `bench-${name}`, version: 1, tableNames: TABLES })
      syncObservable(records$, { persist: { name, plugin } })
      const state$ = syncState(records$)
      while (!state$.isPersistLoaded.peek()) {
        await new Promise<void>((resolve) => {
          const stop = state$.isPersistLoaded.onChange(() => {
            stop()
            resolve()
          })
        })
      }
      const change = (edit: () => void): Promise<void> => {
        const saved = plugin.next
        edit()
        return saved
      }
      return { records$, change }
    }
    const contacts = await persisted<Contact>('contacts')
    const outbox = await persisted<Waiting>('outbox')
    const marks = await persisted<Mark>('marks')
    const all = () => Object.values(contacts.records$.peek() ?? {})
    const byName = (a: Contact, b: Contact) => (a.name < b.name ? -1 : 1)
    const topOf = (tag: string) =>
      all()
        .filter((contact) => contact.tag === tag)
        .sort(byName)
        .slice(0, 50)
    let turn = 0
    const putMany = async (many: readonly Contact[]) => {
      const documents = Object.fromEntries(many.map((contact) => [contact.id, contact]))
      turn++
      const waiting = Object.fromEntries(many.map(({ id }) => [id, { id, turn }]))
      await Promise.all([
        contacts.change(() => contacts.records$.assign(documents)),
        outbox.change(() => outbox.records$.assign(waiting)),
      ])
    }
    return {
      put: (contact) => putMany([contact]),
      putMany,
      async pull() {
        let page = await fetchContacts(marks.records$.peek()?.pulled?.at ?? 0, pageSize)
        for (;;) {
          const following = page.hasMore ? fetchContacts(page.next, pageSize) : null
          const documents = Object.fromEntries(page.contacts.map((contact) => [contact.id, contact]))
          if (page.contacts.length > 0) {
            await contacts.change(() => contacts.records$.assign(documents))
            await marks.change(() => marks.records$.assign({ pulled: { id: 'pulled', at: page.next } }))
          }
          if (following === null) return
          page = await following
        }
      },
      async push() {
        const ids = Object.keys(outbox.records$.peek() ?? {})
        for (let from = 0; from < ids.length; from += pushSize) {
          const some = ids.slice(from, from + pushSize)
          await sendContacts(some.map((id) => contacts.records$[id]?.peek() as Contact))
          const left = Object.fromEntries(ids.slice(from + pushSize).map((id) => [id, { id, turn }]))
          await outbox.change(() => outbox.records$.set(left))
        }
      },
      get: (id) => contacts.records$[id]?.peek() as Contact | undefined,
      following: (name) =>
        all()
          .filter((contact) => contact.name >= name)
          .sort(byName)
          .slice(0, 50),
      topOf,
      async observe(tag, tell) {
        tell(topOf(tag))
        return contacts.records$.onChange(() => tell(topOf(tag)))
      },
      pending: () => Object.keys(outbox.records$.peek() ?? {}).length,
      all,
      close: async () => {},
    }
  },
}
