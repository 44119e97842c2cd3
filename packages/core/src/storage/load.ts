import type { LocalStore } from '../contracts/local-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { LocatedVersion } from '../model/document.ts'
import { type Head, readHead, readManifest } from './head.ts'
import type { Manifest } from './manifest.ts'
import { isLarge } from './page-cache.ts'
import { readPageSlice, slicesOf } from './page-slices.ts'
import { ON_DISK } from './row.ts'
import type { StoredVersion } from './tables.ts'

/** Everything on disk, as of one manifest. */
export interface Snapshot extends Head {
  /** In a large database without the values of documents, but for those that are wanted. */
  readonly pages: ReadonlyMap<number, readonly StoredVersion[]>
}

/** Keys (`collection/id`) of documents whose values are needed at once, besides those of the log and the ledger. */
export type Wanted = () => Iterable<string>

/**
 * Reads the database in slices. A leader in another tab may commit between two slices, so the
 * manifest is read again at the end, and what changed is read again until both agree; pages never
 * change under their number, so no page is read twice. Null if there is no manifest.
 *
 * What is wanted may grow while this reads: `hasValues` tells whether a snapshot has all of it.
 */
export async function loadSnapshot(
  store: LocalStore,
  { wanted, head: given }: { readonly wanted: Wanted; readonly head?: Head | undefined },
): Promise<Snapshot | null> {
  const known: KnownPages = new Map()
  for (let head = given ?? (await readHead(store)); ; head = await readHead(store)) {
    if (head === null) return null
    const { manifest, manifestText } = head
    const isWhole = await readPages(store, manifest, known)
    const pages = new Map(manifest.pages.map(([no]) => [no, known.get(no) ?? []]))
    const snapshot = { ...head, pages }
    const isThere = isWhole && (await bringValues(store, snapshot, wanted))
    const isSame = (await readManifest(store)) === manifestText
    if (isSame && !isThere) throw pageMissing()
    if (isSame && hasValues(snapshot, wanted)) return snapshot
  }
}

/** True if no value that is wanted was left out. */
export function hasValues(snapshot: Snapshot, wanted: Wanted): boolean {
  return pagesToRead(snapshot, wanted).size === 0
}

type KnownPages = Map<number, StoredVersion[]>

/** False if a page was compacted away meanwhile. */
async function readPages(store: LocalStore, manifest: Manifest, known: KnownPages): Promise<boolean> {
  const keepsValues = !isLarge(manifest)
  const unread = manifest.pages.filter(([no]) => !known.has(no))
  for (const slice of slicesOf(unread, ([, , chars]) => chars)) {
    const nos = slice.map(([no]) => no)
    const pages = await readPageSlice(store, nos)
    for (const [i, no] of nos.entries()) {
      const versions = pages[i]
      if (versions === undefined) return false
      known.set(no, keepsValues ? versions : versions.map(withoutValue))
    }
  }
  return true
}

const withoutValue = (version: LocatedVersion): StoredVersion =>
  version.value === null ? version : { ...version, value: ON_DISK }

/** The values that are wanted take the place of those left out. False if a page was compacted away meanwhile. */
async function bringValues(store: LocalStore, snapshot: Snapshot, wanted: Wanted): Promise<boolean> {
  const indexesByNo = pagesToRead(snapshot, wanted)
  const charsByNo = new Map(snapshot.manifest.pages.map(([no, , chars]) => [no, chars]))
  for (const nos of slicesOf([...indexesByNo.keys()], (no) => charsByNo.get(no) ?? 0)) {
    const pages = await readPageSlice(store, nos)
    for (const [i, no] of nos.entries()) {
      const versions = pages[i]
      if (versions === undefined) return false
      for (const index of indexesByNo.get(no) ?? [])
        (snapshot.pages.get(no) as StoredVersion[])[index] = versions[index] as LocatedVersion
    }
  }
  return true
}

/** Where in which pages the latest versions of wanted documents stand whose values were left out. */
function pagesToRead({ manifest, pages, ledger, logs }: Snapshot, wanted: Wanted): Map<number, number[]> {
  const indexesByNo = new Map<number, number[]>()
  if (!isLarge(manifest)) return indexesByNo
  const keys = new Set(wanted())
  for (const { mutations } of logs)
    for (const { collection, documentId } of mutations) keys.add(`${collection}/${documentId}`)
  for (const [, entries] of ledger)
    for (const entry of entries)
      if (entry.kind !== 'gone') keys.add(`${entry.collection}/${entry.documentId}`)
  const places = new Map<string, { no: number; index: number; isLeftOut: boolean }>()
  for (const [no, versions] of pages) {
    for (const [index, { collection, id, value }] of versions.entries()) {
      const key = `${collection}/${id}`
      if (keys.has(key)) places.set(key, { no, index, isLeftOut: value === ON_DISK })
    }
  }
  for (const { no, index, isLeftOut } of places.values())
    if (isLeftOut) indexesByNo.set(no, [...(indexesByNo.get(no) ?? []), index])
  return indexesByNo
}

function pageMissing(): HoldfastError {
  return new HoldfastError(
    'store_corrupt',
    'A page of the local database is missing. Nothing was changed; the other records are as they were. Restore it, or open another name.',
  )
}
