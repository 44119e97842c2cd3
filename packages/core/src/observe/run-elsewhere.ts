import { freezeJson } from '../model/freeze.ts'
import type { CompiledQuery, Identified } from './compile-query.ts'
import { gather } from './gather.ts'
import { Reader } from './reader.ts'
import { type IndexedDocuments, indexedPaths, runQuery } from './run-query.ts'
import { firstSorted } from './sorted.ts'

export interface GatheredDocuments<T extends Identified> extends IndexedDocuments<T> {
  isBuilt(path: string): boolean
  /** Builds the indexes; they may be gone again after the next commit. */
  gather(paths: readonly string[]): Promise<void>
}

export interface RunOptions<T> {
  readonly count: number
  /** Called in the turn as of which the list is the answer. */
  readonly take: (found: T[]) => void
}

/**
 * Runs a query over documents that are not all in memory. What a run misses is brought, and the
 * query is run again, until nothing is missing: the last run is of one moment, as if all had been
 * in memory. Rejects with what kept documents from being read.
 */
export async function runElsewhere<T extends Identified>(
  documents: GatheredDocuments<T>,
  query: CompiledQuery<T>,
  { count, take }: RunOptions<T>,
): Promise<void> {
  const { source } = documents
  await source.ready
  const paths = indexedPaths(query, documents.isIndexed)
  const releases: (() => void)[] = []
  let ahead = 0
  try {
    for (;;) {
      if (!paths.every((path) => documents.isBuilt(path))) {
        await documents.gather(paths)
        continue
      }
      const reader = new Reader(source, ahead)
      const found = runQuery(documents, query, { count, reader })
      if (found === null) return await lookAtAll(documents, query, { count, take })
      if (reader.missing.length === 0) return take(found)
      ahead = Math.max(64, 2 * ahead)
      releases.push(await source.bring(reader.missing))
    }
  } finally {
    for (const release of releases) release()
  }
}

/** Matches are kept up to twice as many as are asked for, since some may change before the end. */
async function lookAtAll<T extends Identified>(
  { source }: GatheredDocuments<T>,
  query: CompiledQuery<T>,
  { count, take }: RunOptions<T>,
): Promise<void> {
  const { matches, compare } = query
  const enough = 2 * count + 64
  let isShort = true
  while (isShort) {
    await gather(source, () => {
      let best: T[] = []
      let isCut = false
      const cut = () => {
        isCut ||= best.length > enough
        best = firstSorted(best, enough, compare)
      }
      return {
        visit(document) {
          if (!matches(document)) return
          best.push(document)
          if (best.length > 2 * enough) cut()
        },
        finish({ stale, latest }) {
          cut()
          const last = best.at(-1)
          const kept = best.filter(({ id }) => !stale.has(id))
          const added = latest.filter(matches)
          // Beyond the last one kept, others were left out.
          const known = isCut && last !== undefined ? added.filter((one) => compare(one, last) <= 0) : added
          const found = firstSorted([...kept, ...known], count, compare)
          isShort = isCut && found.length < count
          if (!isShort) take(found.map(freezeJson))
        },
      }
    })
  }
}
