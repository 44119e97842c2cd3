import { HoldfastError } from '../errors/holdfast-error.ts'
import { compileQuery, type Identified } from './compile-query.ts'
import { isFieldName } from './compile-where.ts'
import type { DocumentChange, DocumentSource } from './document-source.ts'
import { FieldIndex } from './field-index.ts'
import type { ListenerErrorHandler } from './listeners.ts'
import { type LiveQuery, LiveResult } from './live-query.ts'
import type { Query } from './query.ts'
import { runQuery } from './run-query.ts'

export interface CollectionViewOptions {
  /** Paths of fields that queries may be answered by; a list gets an entry for each plain item. */
  readonly indexes?: readonly string[]
  /** Told what a listener threw; the other listeners are told all the same. */
  readonly onError?: ListenerErrorHandler
}

/**
 * Queries over the documents of one source. Indexes are built on first use and then follow each
 * commit. Live queries are all brought up to date before the first of their listeners is told;
 * each listener is told at most once for one commit, and may write, query or leave.
 */
export interface CollectionView<T extends Identified> {
  /** A new list of the documents themselves: not to be changed. Throws `invalid_query`. */
  find(query: Query<T>): T[]
  /** Throws `invalid_query`. Costs nothing until someone listens. */
  live(query: Query<T>): LiveQuery<T>
  /** Lets go of the source, all indexes and all listeners; for good. `find` fails with `closed`. */
  dispose(): void
}

/** Throws `invalid_options` for an index that names no field. */
export function createCollectionView<T extends Identified>(
  source: DocumentSource<T>,
  { indexes = [], onError = () => {} }: CollectionViewOptions = {},
): CollectionView<T> {
  const wrong = indexes.find((path) => !isFieldName(path))
  if (wrong !== undefined) {
    const message = `An index on "${wrong}" cannot be: it names no field. Nothing was opened; correct the collection's indexes.`
    throw new HoldfastError('invalid_options', message, { details: { index: wrong } })
  }
  const declared = new Set(indexes)
  const built = new Map<string, FieldIndex<T>>()
  const active = new Set<LiveResult<T>>()
  let leaveSource: (() => void) | null = null
  let disposed = false

  const follow = () => {
    leaveSource ??= source.subscribe(apply)
  }

  const apply = (changes: readonly DocumentChange<T>[]) => {
    for (const [path, index] of built) if (!index.apply(changes)) built.delete(path)
    for (const live of active) live.apply(changes)
    // A listener can write: its commit then tells everyone, and there is nothing left to tell here.
    for (const live of [...active]) live.tell()
  }

  const documents = {
    source,
    isIndexed: (path: string) => declared.has(path),
    index(path: string) {
      let index = built.get(path)
      if (index === undefined) {
        follow()
        index = new FieldIndex(path, source.values())
        built.set(path, index)
      }
      return index
    },
  }

  return {
    find(query) {
      if (disposed) {
        throw new HoldfastError(
          'closed',
          'The collection is closed: nothing was read. Open the database again.',
        )
      }
      const compiled = compileQuery(query)
      const found = runQuery(documents, compiled, compiled.offset + compiled.limit)
      return compiled.offset === 0 ? found : found.slice(compiled.offset)
    },
    live(query) {
      const compiled = compileQuery(query)
      const live: LiveResult<T> = new LiveResult(compiled, {
        run: (count) => runQuery(documents, compiled, count),
        isClosed: () => disposed,
        onError,
        onActive(isActive) {
          if (isActive) {
            follow()
            active.add(live)
          } else active.delete(live)
        },
      })
      return live.query
    },
    dispose() {
      disposed = true
      leaveSource?.()
      leaveSource = null
      for (const live of [...active]) live.query.dispose()
      built.clear()
    },
  }
}
