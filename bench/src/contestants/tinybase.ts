import { createIndexes, createStore, type Row } from 'tinybase'
import { createIndexedDbPersister } from 'tinybase/persisters/persister-indexed-db'
import type { Contact } from '../contacts.ts'
import type { Contestant, Replica } from './contestant.ts'
import { fetchContacts, sendContacts } from './link.ts'

/** All in memory; a save writes the tables as they are now. The outbox is a table of ids. */
export const contestant: Contestant = {
  async open({ pageSize, pushSize }): Promise<Replica> {
    const store = createStore()
    const persister = createIndexedDbPersister(store, 'bench')
    await persister.load()
    const indexes = createIndexes(store)
    indexes.setIndexDefinition('byTag', 'contacts', 'tag', 'name')
    const contactAt = (id: string) => store.getRow('contacts', id) as unknown as Contact
    const topOf = (tag: string) => indexes.getSliceRowIds('byTag', tag).slice(0, 50).map(contactAt)
    const setAll = (contacts: readonly Contact[], { isOwn }: { isOwn: boolean }) =>
      store.transaction(() => {
        for (const contact of contacts) {
          store.setRow('contacts', contact.id, contact as unknown as Row)
          if (isOwn) store.setRow('outbox', contact.id, { at: 1 })
        }
      })
    const putMany = async (contacts: readonly Contact[]) => {
      setAll(contacts, { isOwn: true })
      await persister.save()
    }
    return {
      put: (contact) => putMany([contact]),
      putMany,
      async pull() {
        const since = Number(store.getValue('since') ?? 0)
        let page = await fetchContacts(since, pageSize)
        for (;;) {
          const following = page.hasMore ? fetchContacts(page.next, pageSize) : null
          setAll(page.contacts, { isOwn: false })
          store.setValue('since', page.next)
          if (following === null) break
          page = await following
        }
        // Each save writes everything, so there is one, at the end.
        if (page.next !== since) await persister.save()
      },
      async push() {
        const ids = store.getRowIds('outbox')
        for (let from = 0; from < ids.length; from += pushSize) {
          const some = ids.slice(from, from + pushSize)
          await sendContacts(some.map(contactAt))
          store.transaction(() => {
            for (const id of some) store.delRow('outbox', id)
          })
          await persister.save()
        }
      },
      get: (id) => (store.hasRow('contacts', id) ? contactAt(id) : undefined),
      following(name) {
        const ids = store.getSortedRowIds('contacts', 'name')
        const first = ids.findIndex((id) => contactAt(id).name >= name)
        return first === -1 ? [] : ids.slice(first, first + 50).map(contactAt)
      },
      topOf,
      async observe(tag, tell) {
        tell(topOf(tag))
        const listener = store.addTableListener('contacts', () => tell(topOf(tag)))
        return () => store.delListener(listener)
      },
      pending: () => store.getRowCount('outbox'),
      all: () => store.getRowIds('contacts').map(contactAt),
      close: async () => void (await persister.destroy()),
    }
  },
}
