import type { Place, PlaceEdit, PlacesApp } from '../places.ts'

type Act = { readonly says: string; readonly does: (app: PlacesApp, place: Place) => Promise<unknown> }

/** One kind of conflict: what each device does offline, and what must come of it. */
export interface ConflictKind {
  readonly title: string
  readonly a: Act
  readonly b: Act
  /** A acts after B: the later change is the one that is synced first. */
  readonly aActsLast?: true
  /** The place is in no database yet. */
  readonly isNew?: true
  readonly result: (place: Place) => Place | undefined
  readonly settledAs: string
}

const edits = (says: string, edit: PlaceEdit): Act => ({ says, does: (app, { id }) => app.edit(id, edit) })
const deletes: Act = { says: 'deletes it', does: (app, { id }) => app.remove(id) }
const enters = (says: string, more: PlaceEdit): Act => ({
  says,
  does: (app, place) => app.add({ ...place, ...more }),
})

export const CONFLICT_KINDS: readonly ConflictKind[] = [
  {
    title: 'different fields',
    a: edits('population 1', { population: 1 }),
    b: edits('note "by B"', { note: 'by B' }),
    result: (place) => ({ ...place, population: 1, note: 'by B' }),
    settledAs: 'both kept',
  },
  {
    title: 'the same field',
    a: edits('note "by A"', { note: 'by A' }),
    b: edits('note "by B", later', { note: 'by B' }),
    result: (place) => ({ ...place, note: 'by B' }),
    settledAs: 'the newer one: B',
  },
  {
    title: 'the same field, the older edit synced last',
    a: edits('note "by A", later', { note: 'by A' }),
    b: edits('note "by B"', { note: 'by B' }),
    aActsLast: true,
    result: (place) => ({ ...place, note: 'by A' }),
    settledAs: 'the newer one: A',
  },
  {
    title: 'the same edit on both',
    a: edits('tags ["seen"]', { tags: ['seen'] }),
    b: edits('tags ["seen"]', { tags: ['seen'] }),
    result: (place) => ({ ...place, tags: ['seen'] }),
    settledAs: 'as both say',
  },
  {
    title: 'deleted and edited',
    a: deletes,
    b: edits('note "by B"', { note: 'by B' }),
    result: () => undefined,
    settledAs: 'deleted',
  },
  {
    title: 'edited and deleted',
    a: edits('note "by A"', { note: 'by A' }),
    b: deletes,
    result: () => undefined,
    settledAs: 'deleted',
  },
  {
    title: 'deleted on both',
    a: deletes,
    b: deletes,
    result: () => undefined,
    settledAs: 'deleted',
  },
  {
    title: 'entered on both, under one id',
    isNew: true,
    a: enters('enters it, note "by A"', { note: 'by A' }),
    b: enters('enters it, tags ["by B"]', { tags: ['by B'] }),
    result: (place) => ({ ...place, note: 'by A', tags: ['by B'] }),
    settledAs: 'one place, fields of both',
  },
]
