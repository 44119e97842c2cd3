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
    name: 'logfloor',
    title: 'log floor',
    packages: [],
    note: 'what the platform allows with everything in memory and one record of text for each page, write or acknowledgement; it checks nothing, never compacts, knows no other tab and no conflict: a bound, and no product',
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
  {
    name: 'rxdb',
    title: 'RxDB',
    packages: ['rxdb', 'rxjs'],
    note: 'its free storage over Dexie, its own replication protocol in pages of the same size, one tab (`multiInstance: false`); it cannot tell how much waits to be sent',
    cannot: {},
  },
  {
    name: 'pouchdb',
    title: 'PouchDB',
    packages: ['pouchdb-browser', 'pouchdb-find'],
    note: 'adapter idb, indexes of pouchdb-find; its change log as the outbox, and the bench’s own pages instead of the CouchDB protocol, which costs more requests',
    cannot: {},
  },
  {
    name: 'tinybase',
    title: 'TinyBase',
    packages: ['tinybase'],
    note: 'all in memory, IndexedDB persister, an outbox as a table; saves are awaited',
    cannot: {},
  },
  {
    name: 'legend',
    title: 'Legend-State',
    packages: ['@legendapp/state'],
    note: 'all in memory, its IndexedDB plugin; documents and an outbox as two observables, which it cannot write in one transaction; it has no indexes',
    cannot: {},
  },
]
