import { indexedDb } from '../../../packages/adapter-indexeddb/src/index.ts'
import { collection, createHoldfast } from '../../../packages/core/src/index.ts'
import type { Contact } from '../contacts.ts'
import type { Contestant, Replica } from './contestant.ts'
import { fetchRemote } from './fetch-remote.ts'

export const contestant: Contestant = {
  async open({ pageSize, pushSize }): Promise<Replica> {
    const db = await createHoldfast({
      name: 'bench',
      local: indexedDb(),
      remote: fetchRemote(pushSize),
      schedule: { pullLimit: pageSize },
      collections: { contacts: collection<Contact>({ indexes: ['name', 'tag'] }) },
    })
    const { contacts } = db
    const shown = new Set<string>()
    const top = (tag: string) => ({ where: { tag }, orderBy: { name: 'asc' }, limit: 50 }) as const
    return {
      put: async (contact) => void (await contacts.put(contact)),
      putMany: async (many) => void (await contacts.insertMany(many)),
      pull: () => db.sync.now(),
      push: () => db.sync.now(),
      get: (id) => contacts.get(id),
      following: (name) =>
        contacts.find({ where: { name: { gte: name } }, orderBy: { name: 'asc' }, limit: 50 }),
      topOf(tag) {
        // An application that shows a list has a live query on it.
        if (!shown.has(tag)) contacts.live(top(tag)).subscribe(() => {})
        shown.add(tag)
        return contacts.find(top(tag))
      },
      async observe(tag, tell) {
        const live = contacts.live(top(tag))
        const stop = live.subscribe(() => tell(live.getSnapshot()))
        tell(live.getSnapshot())
        return stop
      },
      pending: () => db.sync.status.getSnapshot().pending,
      all: () => contacts.find(),
      close: () => db.close(),
    }
  },
}
