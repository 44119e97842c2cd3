import type { LocalStore } from '../contracts/local-store.ts'
import type { Document, LocatedVersion } from '../model/document.ts'
import type { Located, Release } from './located.ts'
import type { Manifest } from './manifest.ts'
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
 * application saw it at one moment on the way. What is on disk is read past the cache, since a look
 * at all documents would push out those that are in use, and is not frozen.
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
  show(inMemory, [], tables, visit)
  const charsByNo = new Map(manifest.pages.map(([no, , chars]) => [no, chars]))
  for (const nos of slicesOf([...onDisk.keys()], (no) => charsByNo.get(no) ?? 0)) {
    const pages = await readPageSlice(store, nos)
    for (const [i, no] of nos.entries()) {
      const rows = onDisk.get(no) as Row[]
      const elsewhere = show(rows, valuesOf(rows, pages[i] ?? []), tables, visit)
      if (elsewhere.length === 0) continue
      // The page was compacted away.
      const release = await parts.hold(elsewhere)
      show(elsewhere, [], tables, visit)
      release()
    }
  }
}

/** Gives the rows whose documents are neither in memory nor in `values`. */
function show(
  rows: readonly Row[],
  values: readonly (Document | null | undefined)[],
  tables: Tables,
  visit: VisitDocuments,
): Row[] {
  const documents: Document[] = []
  const shown: Row[] = []
  const elsewhere: Row[] = []
  for (const [i, row] of rows.entries()) {
    const document = row.content === ON_DISK ? values[i] : tables.viewOf(row)
    if (document === undefined) elsewhere.push(row)
    else if (document !== null) {
      documents.push(document)
      shown.push(row)
    }
  }
  visit(documents, shown)
  return elsewhere
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
