import { end } from '../steps.ts'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

const filled = async (stage: Stage) => {
  await stage.open()
  for (const id of ['d0', 'd1', 'd2', 'd3']) await stage.call(() => stage.db.notes.put({ id, a: 'old' }))
  await stage.call(() => stage.db.sync.now())
}

/** The same documents again and again, so that pages hold what nobody needs any more. */
const worn = async (stage: Stage) => {
  await filled(stage)
  for (let round = 0; round < 4; round++) {
    for (const document of [0, 1, 2]) stage.step('foreignWrite', { document, x: 0.6 })
    await stage.call(() => stage.db.sync.now())
  }
  stage.step('foreignDelete', { document: 2 })
  await stage.call(() => stage.db.sync.now())
}

/** A database's opening and end, its housekeeping, and its leaders. */
export const lifeScenarios: readonly Scenario[] = [
  {
    id: 'open-new',
    title: 'a database is begun',
    covers: ['createHoldfast'],
    async act(stage) {
      await stage.open()
    },
  },
  {
    id: 'open',
    title: 'a database with pages, a ledger and something pending is opened',
    covers: ['createHoldfast'],
    async prepare(stage) {
      await filled(stage)
      stage.step('partition')
      await stage.call(() => stage.db.notes.update('d0', { a: 'pending' }))
      stage.device.killAll()
      stage.step('mend')
    },
    async act(stage) {
      stage.device.openTab()
      await stage.pass(100)
    },
  },
  {
    id: 'fold',
    title: 'the ledger and the log are folded into pages',
    covers: ['sync.optimize'],
    meets: ['ledger folded'],
    async prepare(stage) {
      await filled(stage)
      stage.step('rejectSome', { document: 1 })
      await stage.call(() => stage.db.notes.update('d1', { a: 'refused' }))
      await stage.call(() => stage.db.sync.now())
      stage.step('partition')
      await stage.call(() => stage.db.notes.update('d0', { a: 'pending' }))
    },
    act: (stage) => stage.call(() => stage.db.sync.optimize()),
  },
  {
    id: 'compaction',
    title: 'old pages are compacted',
    covers: ['sync.optimize'],
    meets: ['page compacted'],
    prepare: worn,
    act: (stage) => stage.call(() => stage.db.sync.optimize()),
  },
  {
    id: 'takeover',
    title: 'the leader dies in the middle of a push, and another tab takes over',
    covers: [],
    async prepare(stage) {
      await filled(stage)
      stage.device.openTab()
      await stage.pass(100)
    },
    async act(stage) {
      await stage.call(() => stage.db.notes.update('d0', { a: 'new' }))
      await stage.pass(10)
      end(stage.session)
      await stage.pass(100)
    },
  },
  {
    id: 'close',
    title: 'close, with something pending',
    covers: ['close'],
    prepare: filled,
    async act(stage) {
      const { db, session } = stage
      await stage.call(() => db.notes.put({ id: 'd0', a: 'last' }))
      await stage.call(() => db.close().then(() => end(session)))
    },
  },
  {
    id: 'destroy',
    title: 'destroy: the database is there or gone, never in part',
    covers: ['destroy'],
    prepare: filled,
    act: (stage) =>
      stage.call(() => {
        const { db, session } = stage
        return db.destroy().then(() => end(session))
      }),
  },
]
