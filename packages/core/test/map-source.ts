import type { DocumentChange, DocumentSource } from '../src/observe/document-source.ts'

/** Documents in a map, changed by whole commits. */
export interface MapSource<T extends { readonly id: string }> extends DocumentSource<T> {
  readonly listeners: number
  ids(): Iterable<string>
  values(): Iterable<T>
  /** One commit: an id alone removes. Returns what changed. */
  commit(...changes: readonly (T | string)[]): readonly DocumentChange<T>[]
}

export function createMapSource<T extends { readonly id: string }>(initial: readonly T[] = []): MapSource<T> {
  const documents = new Map(initial.map((document) => [document.id, document]))
  const listeners = new Set<(changes: readonly DocumentChange<T>[] | null) => void>()
  return {
    isAtHand: true,
    ready: null,
    get size() {
      return documents.size
    },
    get listeners() {
      return listeners.size
    },
    get: (id) => documents.get(id),
    refOf: (id) => (documents.has(id) ? { id } : undefined),
    read: ({ id }) => documents.get(id),
    refs: () => Array.from(documents.keys(), (id) => ({ id })),
    ids: () => documents.keys(),
    values: () => documents.values(),
    bring: async () => () => {},
    scan: async (visit) => visit([...documents.values()], [...documents.values()]),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    commit(...changes) {
      const batch: DocumentChange<T>[] = []
      for (const change of changes) {
        const id = typeof change === 'string' ? change : change.id
        const after = typeof change === 'string' ? undefined : change
        const before = documents.get(id)
        if (before === undefined && after === undefined) continue
        if (after === undefined) documents.delete(id)
        else documents.set(id, after)
        batch.push({ id, before, after })
      }
      for (const listener of [...listeners]) listener(batch)
      return batch
    },
  }
}
