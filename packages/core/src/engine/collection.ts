import type { HoldfastError } from '../errors/holdfast-error.ts'
import { type CollectionView, createCollectionView } from '../observe/collection-view.ts'
import type { DocumentSource } from '../observe/document-source.ts'
import type { LiveQuery } from '../observe/live-query.ts'
import type { Query } from '../observe/query.ts'
import type { Storage } from '../storage/storage.ts'
import type { DurabilityOptions, UpdateOptions, Writer } from '../write/writer.ts'
import { type DocumentState, stateOf } from './commands.ts'
import { documentsOf } from './documents.ts'
import type { Settings } from './settings.ts'

/** What `insert` takes: the document, with or without an id. */
export type Insertable<T extends { readonly id: string }> = T extends unknown
  ? Omit<T, 'id'> & { readonly id?: string }
  : never

/** Fields to change; those left out stay, and those of `unset` go. */
export type Patch<T> = T extends unknown
  ? { readonly [K in Exclude<keyof T, 'id'>]?: Exclude<T[K], undefined> }
  : never

/** Names of the fields that `unset` may remove: those that a document need not have. */
export type Removable<T> = T extends unknown
  ? string extends keyof T
    ? string
    : { [K in keyof T & string]-?: Record<never, never> extends Pick<T, K> ? K : never }[keyof T & string]
  : never

/**
 * One collection. A write shows in reads and to observers at once; its promise resolves when it
 * is durable, together with the intent to sync it, and rejects if it never will be (then it is
 * taken back). No read or write waits for the network.
 */
export interface Collection<T extends { readonly id: string }, I extends { readonly id: string } = T> {
  readonly name: string
  /** Creates a document; its id is made here unless given. `document_exists`, `schema_mismatch`, `invalid_…`. */
  insert(document: Insertable<I>, options?: DurabilityOptions): Promise<T>
  /** Creates many documents in one atomic local write: all of them or none. */
  insertMany(documents: readonly Insertable<I>[], options?: DurabilityOptions): Promise<T[]>
  /** Creates a document, or replaces all of it. */
  put(document: I, options?: DurabilityOptions): Promise<T>
  /** Changes the fields that the patch names. `document_missing`. */
  update(id: string, patch: Patch<T>, options?: UpdateOptions<Removable<T>>): Promise<T>
  /** False if there was no such document. */
  delete(id: string, options?: DurabilityOptions): Promise<boolean>
  get(id: string): Promise<T | undefined>
  /** Documents that match, in order. `invalid_query`. */
  find(query?: Query<T>): Promise<T[]>
  /** The same, kept up to date while someone listens. */
  live(query?: Query<T>): LiveQuery<T>
  /** Where one document stands: synced, pending, in flight, in conflict, failed; `loading` while the database is read. */
  stateOf(id: string): DocumentState
}

export interface CollectionParts {
  readonly storage: Storage
  readonly writer: Writer
  readonly settings: Settings
  readonly assertOpen: () => void
  readonly onListenerError: (error: unknown) => void
}

export interface OpenCollection<T extends { readonly id: string }> extends Collection<T> {
  dispose(): void
}

export function openCollection<T extends { readonly id: string }>(
  name: string,
  parts: CollectionParts,
): OpenCollection<T> {
  const { storage, writer, settings, assertOpen, onListenerError } = parts
  const { tables } = storage
  const source = documentsOf<T>(name, storage)
  const indexes: readonly string[] = settings.configOf(name).options.indexes ?? []
  const view: CollectionView<T> = createCollectionView(source, {
    indexes,
    onError: onListenerError,
  })
  const open = <R>(run: () => Promise<R>): Promise<R> => {
    try {
      assertOpen()
      return run()
    } catch (error) {
      return Promise.reject(error as HoldfastError)
    }
  }
  return {
    name,
    insert: (document, options) =>
      open(() => writer.insert(name, document, options) as unknown as Promise<T>),
    insertMany: (documents, options) =>
      open(() => writer.insertMany(name, documents, options) as unknown as Promise<T[]>),
    put: (document, options) => open(() => writer.put(name, document, options) as unknown as Promise<T>),
    update: (id, patch, options) =>
      open(() => writer.update(name, id, { patch, options }) as unknown as Promise<T>),
    delete: (id, options) => open(() => writer.delete(name, id, options)),
    get: (id) => open(async () => readDocument(source, id)),
    find: (query = {}) => open(async () => view.find(query)),
    live(query = {}) {
      assertOpen()
      return view.live(query)
    },
    stateOf(id) {
      if (storage.ready !== null) return { kind: 'loading' }
      const row = tables.get(name, id)
      if (row === undefined) return { kind: 'absent' }
      return stateOf(tables, row, settings.isLocalOnly(name))
    },
    dispose: () => view.dispose(),
  }
}

async function readDocument<T extends { readonly id: string }>(
  source: DocumentSource<T>,
  id: string,
): Promise<T | undefined> {
  const document = source.get(id)
  if (document !== 'elsewhere') return document
  const release = await source.bring([id])
  try {
    return source.get(id) as T | undefined
  } finally {
    release()
  }
}
