import { contactsFrom, digestOf } from '../contacts.ts'
import { expectSame, type Figures, putMany, type Scenario } from './scenario.ts'

/** One bulk insert, offline, and single writes behind the queue that it leaves; a new page must find it all. */
export const bulk: Scenario = {
  name: 'bulk insert',
  workloads: ['W2', 'W1'],
  documents: () => 0,
  async run(stage) {
    const { session, sizes, link } = stage
    const count = sizes.bulk
    await session.run('open', link)
    await session.run('putEach', { first: count, count: 1 })
    const ms = await putMany(session, { first: 0, count })
    const figures: Figures = { W2: (count * 1000) / ms }
    let all = count + 1
    if (stage.wants('W1')) {
      const ms = await session.run('putEach', { first: all, count: sizes.queuedWrites })
      figures['W1 queued'] = (sizes.queuedWrites * 1000) / ms
      all += sizes.queuedWrites
    }
    await session.reopen()
    await session.run('open', link)
    await expectSame(stage, digestOf(contactsFrom(0, all)), { pending: all })
    return figures
  },
}
