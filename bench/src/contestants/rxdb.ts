import { addRxPlugin, createRxDatabase, type RxCollection } from 'rxdb/plugins/core'
import { RxDBQueryBuilderPlugin } from 'rxdb/plugins/query-builder'
import { type RxReplicationState, replicateRxCollection } from 'rxdb/plugins/replication'
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie'
import type { Contact } from '../contacts.ts'
import type { Contestant, Replica } from './contestant.ts'
import { fetchContacts, sendContacts } from './link.ts'

addRxPlugin(RxDBQueryBuilderPlugin)

const text = (maxLength: number) => ({ type: 'string', maxLength }) as const

const SCHEMA = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: text(32),
    name: text(32),
    email: text(64),
    phone: text(32),
    tag: text(16),
    company: text(32),
    note: text(200),
    version: { type: 'number' },
  },
  required: ['id', 'name', 'tag'],
  indexes: ['name', ['tag', 'name']],
} as const

interface Checkpoint {
  readonly next: number
}

/** RxDB's own replication protocol, on its free storage over Dexie. */
export const contestant: Contestant = {
  async open({ pageSize, pushSize }): Promise<Replica> {
    const db = await createRxDatabase({ name: 'bench', storage: getRxStorageDexie(), multiInstance: false })
    const { contacts } = (await db.addCollections({ contacts: { schema: SCHEMA } })) as unknown as {
      contacts: RxCollection<Contact>
    }
    // Ended after each round, as if offline in between: a live one would push at once.
    const round = async () => {
      const replication = replicate(contacts, { pageSize, pushSize })
      await replication.awaitInitialReplication()
      await replication.cancel()
    }
    const top = (tag: string) =>
      contacts.find({ selector: { tag }, sort: [{ tag: 'asc' }, { name: 'asc' }], limit: 50 })
    const plain = (documents: readonly { toJSON(): unknown }[]) =>
      documents.map((document) => document.toJSON() as Contact)
    return {
      put: async (contact) => void (await contacts.upsert(contact)),
      async putMany(many) {
        const { error } = await contacts.bulkInsert([...many])
        if (error.length > 0) throw new Error(`${error.length} inserts were refused.`)
      },
      pull: round,
      push: round,
      get: async (id) => (await contacts.findOne(id).exec())?.toJSON() as Contact | undefined,
      following: async (name) =>
        plain(
          await contacts
            .find({ selector: { name: { $gte: name } }, sort: [{ name: 'asc' }], limit: 50 })
            .exec(),
        ),
      topOf: async (tag) => plain(await top(tag).exec()),
      async observe(tag, tell) {
        const subscription = top(tag).$.subscribe((documents) => tell(plain(documents)))
        return () => subscription.unsubscribe()
      },
      pending: () => null,
      all: async () => plain(await contacts.find().exec()),
      close: async () => void (await db.close()),
    }
  },
}

function replicate(
  collection: RxCollection<Contact>,
  { pageSize, pushSize }: { pageSize: number; pushSize: number },
): RxReplicationState<Contact, Checkpoint> {
  return replicateRxCollection<Contact, Checkpoint>({
    collection,
    replicationIdentifier: 'bench',
    live: false,
    pull: {
      batchSize: pageSize,
      async handler(checkpoint, limit) {
        const { contacts, next } = await fetchContacts(checkpoint?.next ?? 0, limit)
        return {
          documents: contacts.map((contact) => ({ ...contact, _deleted: false })),
          checkpoint: { next },
        }
      },
    },
    push: {
      batchSize: pushSize,
      async handler(rows) {
        await sendContacts(
          rows.map(({ newDocumentState: { _deleted, ...contact } }) => contact as unknown as Contact),
        )
        return []
      },
    },
  })
}
