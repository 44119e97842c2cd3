import { putMany, type Scenario } from './scenario.ts'

/** Writes to a window that is being observed. */
export const observe: Scenario = {
  name: 'observe',
  workloads: ['W6'],
  documents: () => 0,
  async run({ session, sizes, link }) {
    await session.run('open', link)
    await putMany(session, { first: 0, count: sizes.observed })
    const { observed: stored, updates } = sizes
    const { observer, both } = await session.run('observed', { stored, updates })
    return { 'W6 p50': both.p50, 'W6 p99': both.p99, 'W6 observer': observer.p50 }
  },
}
