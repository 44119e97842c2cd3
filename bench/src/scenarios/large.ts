import { contactsFrom, digestOf } from '../contacts.ts'
import { expectSame, expectServer, type Figures, putMany, type Scenario } from './scenario.ts'

/** Every n-th document changes at the server: one percent. */
const CHANGED = 100

/** A first pull of everything, and what comes after it, up to a restart of the browser. */
export const large: Scenario = {
  name: 'first pull',
  workloads: ['W3', 'W5', 'W7', 'W9', 'W10'],
  documents: ({ documents }) => documents,
  async run(stage) {
    const { session, sizes, link, server } = stage
    const stored = sizes.documents
    const figures: Figures = {}
    const before = await session.heap()
    await session.run('open', link)
    server.takeRequests()
    figures.W3 = (await session.run('pull')) / 1000
    figures['W3 requests'] = server.takeRequests()
    if (stage.wants('W9')) figures.W9 = (await session.heap()) - before
    await expectSame(stage, server.feed.digest(), { pending: 0 })
    if (stage.wants('W7')) {
      figures['W7 gets'] = await session.run('gets', { stored, forMs: 400 })
      figures['W7 queries'] = await session.run('queries', { stored, forMs: 400 })
    }
    if (stage.wants('W10')) {
      await session.run('pull')
      const idle: number[] = []
      for (let time = 0; time < 5; time++) idle.push(await session.run('pull'))
      figures['W10 idle'] = idle.toSorted((a, b) => a - b)[2] ?? Number.NaN
      server.feed.changeEvery(CHANGED, stored)
      figures['W10 changed'] = await session.run('pull')
      await expectSame(stage, server.feed.digest(), { pending: 0 })
    }
    if (stage.wants('W5')) {
      const queued = Math.max(100, Math.round(stored / 50))
      const at = stored
      await putMany(session, { first: at, count: queued })
      await session.restart()
      const { query, state } = await session.run('coldStart', link)
      figures['W5 query'] = query
      if (state !== null) figures['W5 state'] = state
      const seen = server.feed.digest()
      const mine = digestOf(contactsFrom(at, queued))
      const expected = { count: seen.count + mine.count, sum: (seen.sum + mine.sum) >>> 0 }
      await expectSame(stage, expected, { pending: queued })
      expectServer(stage, seen)
    }
    return figures
  },
}
