import type { Identified } from './compile-query.ts'
import type { DocumentRef, DocumentSource } from './document-source.ts'

export interface Gathering<T> {
  readonly visit: (document: T, ref: DocumentRef) => void
  /**
   * Called at the end, in one turn: what was visited holds now but for the ids that are `stale`,
   * and `latest` has those of them that are still there.
   */
  readonly finish: (rest: GatheredRest<T>) => void
}

export interface GatheredRest<T> {
  readonly stale: ReadonlySet<string>
  readonly latest: readonly T[]
}

/**
 * Looks at every document of a source that has not all of them in memory. Commits go on meanwhile;
 * what they changed is looked at again at the end, so that the whole is of one moment. `begin` is
 * called again where the source read everything anew.
 */
export async function gather<T extends Identified>(
  source: DocumentSource<T>,
  begin: () => Gathering<T>,
): Promise<void> {
  while (!(await gatherOnce(source, begin())));
}

/** False if it has to begin again. */
async function gatherOnce<T extends Identified>(
  source: DocumentSource<T>,
  { visit, finish }: Gathering<T>,
): Promise<boolean> {
  const stale = new Set<string>()
  let isVoid = false
  const leave = source.subscribe((changes) => {
    isVoid ||= changes === null
    for (const { id } of changes ?? []) stale.add(id)
  })
  try {
    await source.scan((documents, refs) => {
      for (const [i, document] of documents.entries()) visit(document, refs[i] as DocumentRef)
    })
    let isDone = false
    while (!isDone && !isVoid) {
      const ids = [...stale]
      const release = await source.bring(ids)
      try {
        isDone = stale.size === ids.length && !isVoid
        if (isDone) finish({ stale, latest: readAll(source, ids) })
      } finally {
        release()
      }
    }
    return isDone
  } finally {
    leave()
  }
}

function readAll<T extends Identified>(source: DocumentSource<T>, ids: readonly string[]): T[] {
  const documents: T[] = []
  for (const id of ids) {
    const document = source.get(id)
    if (document !== undefined && document !== 'elsewhere') documents.push(document)
  }
  return documents
}
