import type { LocalStore } from '../contracts/local-store.ts'
import type { Document, LocatedVersion } from '../model/document.ts'
import type { Manifest } from './manifest.ts'
import type { Located, Release } from './page-cache.ts'
import { readPageSlice, slicesOf } from './page-slices.ts'
import { ON_DISK, type Row } from './row.ts'
import type { Tables } from './tables.ts'

/** Some documents, and each one's row. */
export type VisitDocuments = (documents: readonly Document[], rows: readonly Row[]) => void

export interface ScanParts {
  readonly tables: Tables
  readonly store: LocalStore
  readonly manifest: Manifest
  readonly hold: (located: readonly Located[]) => Release | Promise<Release>
}

/**
 * Shows every document of a collection that is there from beginning to end, in parts, each as the
 * application saw it at one moment on the way. What is on disk is read past the cache, and may be
 * changed by whoever gets it: a look at all documents would push out those that are in use.
 */
export async function scanDocuments(
  collection: string,
  parts: ScanParts,
  visit: VisitDocuments,
): Promise<void> {
  const { tables, store, manifest } = parts
  const inMemory: Row[] = []
  const onDisk = new Map<number, Row[]>()
  for (const row of tables.rowsOf(collection)) {
    const rows = row.content === ON_DISK ? onDisk.get(row.at) : inMemory
    if (rows === undefined) onDisk.set(row.at, [row])
    else rows.push(row)
  }
  visitInMemory(tables, inMemory, visit)
  const charsByNo = new Map(manifest.pages.map(([no, , chars]) => [no, chars]))
  for (const nos of slicesOf([...onDisk.keys()], (no) => charsByNo.get(no) ?? 0)) {
    const pages = await readPageSlice(store, nos)
    for (const [i, no] of nos.entries()) {
      const elsewhere = visitPage({ no, versions: pages[i] ?? [], rows: onDisk.get(no) ?? [] }, tables, visit)
      if (elsewhere.length === 0) continue
      const release = await parts.hold(elsewhere)
      visitInMemory(tables, elsewhere, visit)
      release()
    }
  }
}

interface ReadPage {
  readonly no: number
  readonly versions: readonly LocatedVersion[]
  /** Those that stood on it, of one collection. */
  readonly rows: readonly Row[]
}

/** Gives the rows whose documents went to another page meanwhile. */
function visitPage({ no, versions, rows }: ReadPage, tables: Tables, visit: VisitDocuments): Row[] {
  const values = valuesOf(rows, versions)
  const documents: Document[] = []
  const shown: Row[] = []
  const elsewhere: Row[] = []
  for (const [i, row] of rows.entries()) {
    const isThere = row.at === no && values[i] !== undefined
    const document = row.content === ON_DISK ? values[i] : tables.viewOf(row)
    if (row.content === ON_DISK && !isThere) elsewhere.push(row)
    else if (document) {
      documents.push(document)
      shown.push(row)
    }
  }
  visit(documents, shown)
  return elsewhere
}

function visitInMemory(tables: Tables, rows: readonly Row[], visit: VisitDocuments): void {
  const documents: Document[] = []
  const shown: Row[] = []
  for (const row of rows) {
    const document = row.content === ON_DISK ? null : tables.viewOf(row)
    if (document === null) continue
    documents.push(document)
    shown.push(row)
  }
  visit(documents, shown)
}

/**
 * What the page has for each row; of several versions of one document the last one. Both lists
 * mostly have one order: then no row is looked up, which costs more than to read the page.
 */
function valuesOf(
  rows: readonly Row[],
  versions: readonly LocatedVersion[],
): (Document | null | undefined)[] {
  const values = new Array<Document | null | undefined>(rows.length)
  let places: Map<string, number> | null = null
  let next = 0
  for (const { collection, id, value } of versions) {
    let place: number | undefined = next
    if (rows[next]?.id !== id) {
      places ??= new Map(rows.map((row, i) => [row.id, i]))
      place = places.get(id)
    }
    if (place === undefined || rows[place]?.collection !== collection) continue
    values[place] = value
    next = place + 1
  }
  return values
}
