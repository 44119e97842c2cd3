import type { Workload } from './workloads.ts'

/** A contestant as the driver knows it; its code runs in the page, from contestants/<name>.ts. */
export interface Entrant {
  readonly name: string
  readonly title: string
  /** The packages that it is made of, as in package.json; empty: part of this repository. */
  readonly packages: readonly string[]
  readonly note: string
  /** What it cannot do, and why. */
  readonly cannot: Partial<Record<Workload, string>>
}

export const FLOOR = 'rawidb'

export const ENTRANTS: readonly Entrant[] = [
  {
    name: FLOOR,
    title: 'rawidb (floor)',
    packages: [],
    note: 'IndexedDB with no library: one record for the document and one for the outbox in one transaction, native indexes on name and tag+name',
    cannot: {},
  },
  {
    name: 'holdfast',
    title: 'Holdfast',
    packages: [],
    note: '`indexedDb()`, defaults, two declared indexes',
    cannot: {},
  },
  {
    name: 'dexie',
    title: 'Dexie + outbox',
    packages: ['dexie'],
    note: 'tables for documents and outbox, written in one transaction; liveQuery',
    cannot: {},
  },
]
