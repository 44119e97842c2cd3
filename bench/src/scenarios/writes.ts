import { contactsFrom, digestOf } from '../contacts.ts'
import { expectSame, type Figures, type Scenario } from './scenario.ts'

const WRITERS = 50

/** Single writes and writers at once, offline; a new page must find them all. */
export const writes: Scenario = {
  name: 'writes',
  workloads: ['W1', 'W1b'],
  documents: () => 0,
  async run(stage) {
    const { session, sizes, link } = stage
    const figures: Figures = {}
    await session.run('open', link)
    const warm = 20
    await session.run('putEach', { first: 0, count: warm })
    let count = warm
    if (stage.wants('W1')) {
      const ms = await session.run('putEach', { first: count, count: sizes.writes })
      figures.W1 = (sizes.writes * 1000) / ms
      count += sizes.writes
    }
    if (stage.wants('W1b')) {
      const { writesAtOnce: each } = sizes
      const ms = await session.run('putAtOnce', { first: count, writers: WRITERS, each })
      figures.W1b = ms / (WRITERS * each)
      count += WRITERS * each
    }
    await session.reopen()
    await session.run('open', link)
    await expectSame(stage, digestOf(contactsFrom(0, count)), { pending: count })
    return figures
  },
}
