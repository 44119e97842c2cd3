import { Violation } from '../violation.ts'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

const existing = async (stage: Stage) => {
  await stage.open()
  await stage.call(() => stage.db.notes.put({ id: 'd0', a: 'old', b: 'old' }))
  await stage.call(() => stage.db.sync.now())
}

/** All of the documents are at the server, or none. */
function allOrNone(stage: Stage, ids: readonly (readonly [string, string])[]): void {
  const there = ids.filter(([name, id]) => stage.world.server.read(name, id)?.value)
  if (there.length > 0 && there.length < ids.length)
    throw new Violation('S7', `of ${ids.length} documents written together ${there.length} are there`)
}

/** The application's writes. */
export const writeScenarios: readonly Scenario[] = [
  {
    id: 'insert',
    title: 'insert',
    covers: ['notes.insert'],
    prepare: (stage) => stage.open(),
    act: (stage) => stage.call(() => stage.db.notes.insert({ id: 'd0', a: 'new' })),
  },
  {
    id: 'put',
    title: 'put over a document',
    covers: ['notes.put'],
    prepare: existing,
    act: (stage) => stage.call(() => stage.db.notes.put({ id: 'd0', a: 'new' })),
  },
  {
    id: 'put-strict',
    title: 'put, asked to be strict',
    covers: ['notes.put'],
    prepare: existing,
    act: (stage) => stage.call(() => stage.db.notes.put({ id: 'd0', a: 'new' }, { durability: 'strict' })),
  },
  {
    id: 'update',
    title: 'update, with a field removed',
    covers: ['notes.update'],
    prepare: existing,
    act: (stage) => stage.call(() => stage.db.notes.update('d0', { a: 'new' }, { unset: ['b'] })),
  },
  {
    id: 'delete',
    title: 'delete',
    covers: ['notes.delete'],
    prepare: existing,
    act: (stage) => stage.call(() => stage.db.notes.delete('d0')),
  },
  {
    id: 'insert-many',
    title: 'insertMany: all or none',
    covers: ['notes.insertMany'],
    prepare: (stage) => stage.open(),
    act: (stage) =>
      stage.call(() => stage.db.notes.insertMany(['m0', 'm1', 'm2'].map((id) => ({ id, a: 'new' })))),
    verify: (stage) =>
      allOrNone(stage, [
        ['notes', 'm0'],
        ['notes', 'm1'],
        ['notes', 'm2'],
      ]),
  },
  {
    id: 'transact',
    title: 'transact over three collections, and its push: all or none',
    covers: ['transact'],
    prepare: existing,
    async act(stage) {
      await stage.call(() =>
        stage.db.transact(async (tx) => {
          await tx.notes.insert({ id: 't0', a: 'new' })
          await tx.tasks.put({ id: 't0', a: 'new' })
          await tx.drafts.put({ id: 't0', a: 'new' })
        }),
      )
      await stage.call(() => stage.db.sync.now())
    },
    verify: (stage) =>
      allOrNone(stage, [
        ['notes', 't0'],
        ['tasks', 't0'],
      ]),
  },
  {
    id: 'local-only',
    title: 'a write to a collection that stays here takes effect',
    covers: ['notes.put'],
    prepare: (stage) => stage.open(),
    async act(stage) {
      await stage.call(() => stage.db.drafts.put({ id: 'd0', a: 'new' }))
      await stage.pass(50)
    },
  },
  {
    id: 'group-commit',
    title: 'several writes at once',
    covers: ['notes.put'],
    prepare: existing,
    act: (stage) =>
      stage.call(() =>
        Promise.all([
          stage.db.notes.put({ id: 'd0', a: 'new' }),
          stage.db.notes.put({ id: 'd1', a: 'new' }),
          stage.db.tasks.put({ id: 'd0', a: 'new' }, { durability: 'strict' }),
          stage.db.notes.delete('d0'),
        ]),
      ),
  },
]
