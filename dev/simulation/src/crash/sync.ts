import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

const now = (stage: Stage) => stage.call(() => stage.db.sync.now())

/** A document that server and device know. */
const known = async (stage: Stage) => {
  await stage.open()
  for (const id of ['d0', 'd1']) await stage.call(() => stage.db.notes.put({ id, a: 'old', b: 'old' }))
  await stage.call(() => stage.db.asks.put({ id: 'd0', a: 'old' }))
  await now(stage)
}

/** Changed here and elsewhere, while the device is cut off. */
const contested = async (stage: Stage, collection: number, name: 'notes' | 'asks') => {
  await known(stage)
  stage.step('partition')
  await stage.call(() => stage.db[name].update('d0', { a: 'here' }))
  stage.step('foreignWrite', { collection, document: 0, x: 0.4 })
  stage.step('mend')
}

const refused = async (stage: Stage) => {
  await known(stage)
  stage.step('rejectSome', { document: 0 })
  await stage.call(() => stage.db.notes.update('d0', { a: 'refused' }))
  await now(stage)
  stage.step('rejectNone')
}

const inConflict = async (stage: Stage) => {
  await contested(stage, 2, 'asks')
  await now(stage)
}

const [failed, open] = [
  { collection: 'notes', id: 'd0' },
  { collection: 'asks', id: 'd0' },
] as const

/** Rounds, conflicts, and what a person decides. */
export const syncScenarios: readonly Scenario[] = [
  {
    id: 'push-round',
    title: 'a round that pushes',
    covers: ['sync.now'],
    meets: ['outcome applied'],
    prepare: known,
    async act(stage) {
      await stage.call(() => stage.db.notes.update('d0', { a: 'new' }))
      await stage.call(() => stage.db.notes.delete('d1'))
      await now(stage)
    },
  },
  {
    id: 'pull-round',
    title: 'a round that pulls several pages',
    covers: ['sync.now'],
    meets: ['pull of several pages'],
    async prepare(stage) {
      await known(stage)
      stage.step('partition')
      for (const document of [0, 1, 2, 3]) stage.step('foreignWrite', { document })
      stage.step('foreignDelete', { document: 1 })
      stage.step('mend')
    },
    act: now,
  },
  {
    id: 'conflict',
    title: 'a round that meets a conflict, merges and pushes what came of it',
    covers: ['sync.now'],
    prepare: (stage) => contested(stage, 0, 'notes'),
    act: now,
  },
  {
    id: 'background',
    title: 'what start does by itself: a push after the debounce, a poke, a pull',
    covers: ['sync.start', 'sync.stop'],
    prepare: known,
    async act(stage) {
      stage.db.sync.stop()
      stage.db.sync.start()
      await stage.call(() => stage.db.notes.update('d0', { a: 'new' }))
      stage.step('foreignWrite', { document: 2 })
      await stage.pass(50)
    },
  },
  {
    id: 'resolve',
    title: 'a person settles a conflict',
    covers: ['conflicts.resolve'],
    prepare: inConflict,
    async act(stage) {
      await stage.call(() => stage.db.conflicts.resolve({ ...open, value: { id: 'd0', a: 'decided' } }))
      await now(stage)
    },
  },
  {
    id: 'retry',
    title: 'a dead letter is sent again',
    covers: ['failed.retry'],
    prepare: refused,
    async act(stage) {
      await stage.call(() => stage.db.failed.retry(failed))
      await now(stage)
    },
  },
  {
    id: 'discard',
    title: 'a dead letter is given up',
    covers: ['failed.discard'],
    async prepare(stage) {
      await refused(stage)
      stage.device.discarded.add('notes/d0')
    },
    async act(stage) {
      await stage.call(() => stage.db.failed.discard(failed))
      await now(stage)
    },
  },
  {
    id: 'reconciliation',
    title: 'the server was restored: everything is read from the beginning',
    covers: ['sync.now'],
    meets: ['server restored'],
    async prepare(stage) {
      await known(stage)
      stage.step('backup')
      await stage.call(() => stage.db.notes.update('d0', { a: 'lost' }))
      await stage.call(() => stage.db.notes.put({ id: 'd2', a: 'lost' }))
      await now(stage)
      stage.step('foreignDelete', { document: 1 })
      await now(stage)
      stage.step('restore')
    },
    act: now,
  },
]
