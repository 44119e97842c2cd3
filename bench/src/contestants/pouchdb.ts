import PouchDB from 'pouchdb-browser'
import find from 'pouchdb-find'
import type { Contact } from '../contacts.ts'
import type { Contestant, Replica } from './contestant.ts'
import { fetchContacts, sendContacts } from './link.ts'

PouchDB.plugin(find)

type Stored = Contact & { readonly fromServer?: true }

const LAST = '\uffff'
/** Where the pull and the push stand. */
const MARKS = '_local/marks'

/** The change log of PouchDB is its outbox: what was not pulled and stands behind the mark of the last push. */
export const contestant: Contestant = {
  async open({ pageSize, pushSize }): Promise<Replica> {
    const db = new PouchDB<Stored>('bench', { revs_limit: 1, auto_compaction: true })
    const marks = async () => {
      const found = await db.get(MARKS).catch(() => null)
      return (found ?? { _id: MARKS, pulled: 0, pushed: 0 }) as unknown as {
        pulled: number
        pushed: number | string
      }
    }
    const keepMarks = async (changed: { pulled?: number; pushed?: number | string }) => {
      await db.put({ ...(await marks()), ...changed })
    }
    let isIndexed = false
    const indexed = async () => {
      if (isIndexed) return
      await db.createIndex({ index: { fields: ['tag', 'name'] } })
      await db.createIndex({ index: { fields: ['name'] } })
      isIndexed = true
    }
    const ask = async (request: object) => {
      await indexed()
      const { docs } = await db.find(request)
      return docs.map(contactOf)
    }
    const topOf = (tag: string) =>
      ask({ selector: { tag, name: { $gte: '', $lte: LAST } }, sort: ['tag', 'name'], limit: 50 })
    const unsent = async (limit?: number) => {
      const { pushed } = await marks()
      const { results, last_seq } = await db.changes({
        since: pushed,
        include_docs: true,
        ...(limit === undefined ? {} : { limit }),
      })
      const contacts = results
        .map(({ doc }) => doc)
        .filter((doc) => doc !== undefined && doc.fromServer === undefined && !doc._id.startsWith('_design'))
        .map((doc) => contactOf(doc as Contact))
      return { contacts, last: last_seq, isEnd: results.length === 0 }
    }
    const put = async (contact: Contact) => {
      const _rev = contact.version === 0 ? undefined : (await db.get(contact.id))._rev
      await db.put({ _id: contact.id, ...(_rev === undefined ? {} : { _rev }), ...contact } as Contact)
    }
    return {
      put,
      putMany: async (contacts) =>
        void (await db.bulkDocs(contacts.map((contact) => ({ _id: contact.id, ...contact })))),
      async pull() {
        let page = await fetchContacts((await marks()).pulled, pageSize)
        for (;;) {
          const following = page.hasMore ? fetchContacts(page.next, pageSize) : null
          if (page.contacts.length > 0) await store(db, page.contacts)
          await keepMarks({ pulled: page.next })
          if (following === null) return
          page = await following
        }
      },
      async push() {
        for (;;) {
          const { contacts, last, isEnd } = await unsent(pushSize)
          if (isEnd) return
          if (contacts.length > 0) await sendContacts(contacts)
          await keepMarks({ pushed: last })
        }
      },
      get: (id) => db.get(id).then(contactOf, () => undefined),
      following: (name) => ask({ selector: { name: { $gte: name } }, sort: ['name'], limit: 50 }),
      topOf,
      async observe(tag, tell) {
        tell(await topOf(tag))
        const changes = db
          .changes({ since: 'now', live: true })
          .on('change', () => void topOf(tag).then(tell))
        return () => changes.cancel()
      },
      pending: async () => (await unsent()).contacts.length,
      async all() {
        const { rows } = await db.allDocs({ include_docs: true })
        return rows.filter(({ id }) => !id.startsWith('_design')).map(({ doc }) => contactOf(doc as Contact))
      },
      close: () => db.close(),
    }
  },
}

async function store(db: PouchDB<Stored>, contacts: readonly Contact[]): Promise<void> {
  const isNews = contacts.some(({ version }) => version > 0)
  const revs = new Map<string, string>()
  if (isNews) {
    const { rows } = await db.allDocs({ keys: contacts.map(({ id }) => id) })
    for (const row of rows) if ('value' in row && row.value) revs.set(row.key, row.value.rev)
  }
  const documents = contacts.map((contact) => {
    const _rev = revs.get(contact.id)
    return { _id: contact.id, ...(_rev === undefined ? {} : { _rev }), ...contact, fromServer: true as const }
  })
  await db.bulkDocs(documents)
}

function contactOf({ id, name, email, phone, tag, company, note, version }: Contact): Contact {
  return { id, name, email, phone, tag, company, note, version }
}
