import { contactsFrom, digestOf } from '../contacts.ts'
import { expectSame, expectServer, putMany, type Scenario } from './scenario.ts'

/** What was written offline goes out; the server and a new page must both have all of it. */
export const drain: Scenario = {
  name: 'drain',
  workloads: ['W4'],
  documents: () => 0,
  async run(stage) {
    const { session, sizes, link, server } = stage
    await session.run('open', link)
    await putMany(session, { first: 0, count: sizes.drain })
    server.takeRequests()
    await session.collect()
    const ms = await session.run('push')
    const requests = server.takeRequests()
    const expected = digestOf(contactsFrom(0, sizes.drain))
    expectServer(stage, expected)
    await session.reopen()
    await session.run('open', link)
    await expectSame(stage, expected, { pending: 0 })
    return { W4: ms / 1000, 'W4 requests': requests }
  },
}
