import type { DocumentChange, DocumentRef, DocumentSource } from '../observe/document-source.ts'
import { ON_DISK, type Row } from '../storage/row.ts'
import type { Storage } from '../storage/storage.ts'

/** The documents of one collection, for queries: in memory, or brought from their pages. */
export function documentsOf<T extends { readonly id: string }>(
  name: string,
  storage: Storage,
): DocumentSource<T> {
  const { tables } = storage
  const read = (ref: DocumentRef): T | undefined | 'elsewhere' => {
    // Every ref that is handed out here is a row.
    const row = ref as Row
    const { content, pending } = row
    if (content === ON_DISK) return 'elsewhere'
    if (pending === null) return (content ?? undefined) as T | undefined
    return (tables.viewOf(row) ?? undefined) as T | undefined
  }
  const get = (id: string) => {
    if (storage.ready !== null) return 'elsewhere'
    const row = tables.get(name, id)
    return row === undefined ? undefined : read(row)
  }
  const bring = async (ids: readonly string[]) => storage.hold(ids.map((id) => ({ collection: name, id })))
  return {
    get size() {
      return tables.size(name)
    },
    get isAtHand() {
      return storage.isAtHand
    },
    get ready() {
      return storage.ready
    },
    windows: {
      kept(query) {
        const kept = storage.windows.kept(`${name}/${query}`)
        if (kept === null) return null
        return { ...kept, since: kept.since.filter(({ collection }) => collection === name) }
      },
      keep: (query, read) => storage.windows.keep(`${name}/${query}`, read),
    },
    get,
    refOf: (id) => tables.get(name, id),
    read,
    refs: () => tables.rowsOf(name),
    bring,
    scan: (visit) =>
      storage.cache.scan(name, (documents, rows) => visit(documents as unknown as readonly T[], rows)),
    subscribe: (listener) =>
      tables.subscribe((changes) => {
        if (changes === null) return listener(null)
        const own = changes.filter(({ collection }) => collection === name)
        if (own.length > 0) listener(own as unknown as readonly DocumentChange<T>[])
      }),
  }
}
