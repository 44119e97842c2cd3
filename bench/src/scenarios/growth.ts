import { expectSame, type Figures, putMany, type Scenario } from './scenario.ts'

const WRITES = 200
const QUEUED = 10_000

/** The same work on stores of different sizes: what is stored must not make a write dearer. */
export const growth: Scenario = {
  name: 'growth',
  workloads: ['W1', 'W3', 'W5', 'W6', 'W9'],
  documents: ({ documents }) => documents,
  async run(stage) {
    const { session, sizes, link, server } = stage
    const stored = sizes.documents
    const figures: Figures = {}
    const before = await session.heap()
    await session.run('open', link)
    figures.W3 = (await session.run('pull')) / 1000
    figures.W9 = (await session.heap()) - before
    await expectSame(stage, server.feed.digest(), { pending: 0 })
    await session.run('putEach', { first: stored, count: 20 })
    const ms = await session.run('putEach', { first: stored + 20, count: WRITES })
    figures.W1 = (WRITES * 1000) / ms
    const { observer, both } = await session.run('observed', { stored, updates: WRITES })
    figures['W6 p50'] = both.p50
    figures['W6 p99'] = both.p99
    figures['W6 observer'] = observer.p50
    await session.restart()
    const { query, state } = await session.run('coldStart', link)
    figures['W5 query'] = query
    if (state !== null) figures['W5 state'] = state
    const first = stored + 20 + WRITES
    // What the window of the first query did not wait for is read meanwhile.
    await session.run('digest')
    await putMany(session, { first, count: QUEUED })
    const behind = await session.run('putEach', { first: first + QUEUED, count: WRITES })
    figures['W1 queued'] = (WRITES * 1000) / behind
    return figures
  },
}
