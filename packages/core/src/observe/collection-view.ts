import { HoldfastError } from '../errors/holdfast-error.ts'
import { type CompiledQuery, compileQuery, type Identified } from './compile-query.ts'
import { isFieldName } from './compile-where.ts'
import type { DocumentChange, DocumentSource } from './document-source.ts'
import { FieldIndex } from './field-index.ts'
import { advanced } from './kept-window.ts'
import type { ListenerErrorHandler } from './listeners.ts'
import { type LiveQuery, LiveResult } from './live-query.ts'
import type { Query } from './query.ts'
import { Reader } from './reader.ts'
import { runElsewhere } from './run-elsewhere.ts'
import { runQuery } from './run-query.ts'
import type { Kept } from './window-keeper.ts'

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
  /**
   * A new list of the documents themselves: not to be changed; a promise of one where documents
   * have to be brought first. Throws `invalid_query`.
   */
  find(query: Query<T>): T[] | Promise<T[]>
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
  const building = new Map<string, Promise<void>>()
  const active = new Set<LiveResult<T>>()
  let leaveSource: (() => void) | null = null
  let disposed = false

  const follow = () => {
    leaveSource ??= source.subscribe(apply)
  }

  const apply = (changes: readonly DocumentChange<T>[] | null) => {
    if (changes === null) built.clear()
    else for (const [path, index] of built) if (!index.apply(changes)) built.delete(path)
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
        index = FieldIndex.of(path, source)
        built.set(path, index)
      }
      return index
    },
    isBuilt: (path: string) => built.has(path),
    async gather(paths: readonly string[]) {
      const missing = paths.filter((path) => !built.has(path))
      const asked = missing.filter((path) => !building.has(path))
      if (asked.length > 0) {
        const gathering = FieldIndex.gather(asked, source, (indexes) => {
          follow()
          for (const [i, index] of indexes.entries()) built.set(asked[i] as string, index)
        }).finally(() => {
          for (const path of asked) building.delete(path)
        })
        for (const path of asked) building.set(path, gathering)
      }
      await Promise.all(missing.map((path) => building.get(path)))
    },
  }

  const keptOf = (compiled: CompiledQuery<T>, key: () => string) => {
    const kept = source.ready === null ? null : source.windows?.kept(key())
    return kept ? advanced(kept, compiled) : null
  }

  /** Calls back at once, and returns null, if everything is at hand or the answer was kept. */
  const run = (compiled: CompiledQuery<T>, count: number, { key, take }: RunParts<T>) => {
    const known = keptOf(compiled, key)
    if (known !== null) {
      take(known)
      return null
    }
    if (!source.isAtHand) return runElsewhere(documents, compiled, { count, take })
    take(runQuery(documents, compiled, { count, reader: new Reader(source) }) ?? [])
    return null
  }

  const find = (compiled: CompiledQuery<T>, key: () => string): T[] | Promise<T[]> => {
    let found: T[] = []
    const take = (all: T[]) => {
      found = compiled.offset === 0 ? all : all.slice(compiled.offset)
    }
    const reading = run(compiled, compiled.offset + compiled.limit, { key, take })
    return reading === null ? found : reading.then(() => found)
  }

  return {
    find(query) {
      if (disposed) {
        throw new HoldfastError(
          'closed',
          'The collection is closed: nothing was read. Open the database again.',
        )
      }
      return find(compileQuery(query), () => keyOf(query))
    },
    live(query) {
      const compiled = compileQuery(query)
      const key = keyOf(query)
      let stopKeeping = () => {}
      const live: LiveResult<T> = new LiveResult(compiled, {
        run(count, take) {
          run(compiled, count, { key: () => key, take })?.catch((error: unknown) => {
            take(null)
            if (!disposed) onError(error)
          })
        },
        isAtHand: () => source.isAtHand || keptOf(compiled, () => key) !== null,
        isClosed: () => disposed,
        onError,
        onActive(isActive) {
          if (isActive) {
            follow()
            active.add(live)
            if (key !== '' && source.windows !== undefined)
              stopKeeping = source.windows.keep(key, () => contentOf(live))
          } else {
            active.delete(live)
            stopKeeping()
          }
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

interface RunParts<T> {
  /** Names the query. */
  /** Called only while the database is read. */
  readonly key: () => string
  readonly take: (found: T[]) => void
}

/** Empty for a query that has no text, which is not kept. */
function keyOf(query: object): string {
  try {
    return JSON.stringify(query)
  } catch {
    return ''
  }
}

function contentOf<T extends Identified>(live: LiveResult<T>): Omit<Kept, 'since'> | null {
  return live.content() as Omit<Kept, 'since'> | null
}
