import { contactsFrom, digestOf } from '../contacts.ts'
import { expectSame, type Scenario } from './scenario.ts'

/** One bulk insert, offline; a new page must find it all. */
export const bulk: Scenario = {
  name: 'bulk insert',
  workloads: ['W2'],
  documents: () => 0,
  async run(stage) {
    const { session, sizes, link } = stage
    const count = sizes.bulk
    await session.run('open', link)
    await session.run('putEach', { first: count, count: 1 })
    const ms = await session.run('putMany', { first: 0, count })
    await session.reopen()
    await session.run('open', link)
    await expectSame(stage, digestOf(contactsFrom(0, count + 1)), { pending: count + 1 })
    return { W2: (count * 1000) / ms }
  },
}
