import type { DocumentSource } from '../src/observe/document-source.ts'
import type { MapSource } from './map-source.ts'

/** The same documents, of which none is in memory unless it was brought and is held. */
export function elsewhere<T extends { readonly id: string }>(
  source: MapSource<T>,
  tick: () => Promise<void>,
): DocumentSource<T> {
  const holds = new Map<string, number>()
  const hold = (id: string, by: 1 | -1) => {
    const count = (holds.get(id) ?? 0) + by
    if (count === 0) holds.delete(id)
    else holds.set(id, count)
  }
  const get = (id: string) => {
    const document = source.get(id)
    return document === undefined || holds.has(id) ? document : 'elsewhere'
  }
  return {
    get size() {
      return source.size
    },
    isAtHand: false,
    ready: null,
    get,
    refOf: (id) => source.refOf(id),
    read: ({ id }) => get(id),
    refs: () => source.refs(),
    async bring(ids) {
      for (const id of ids) hold(id, 1)
      await tick()
      return () => {
        for (const id of ids) hold(id, -1)
      }
    },
    async scan(visit) {
      const ids = [...source.ids()]
      while (ids.length > 0) {
        await tick()
        const some = ids.splice(0, 3).map((id) => source.get(id) as T | undefined)
        const found = some.filter((document) => document !== undefined)
        visit(found, found)
      }
      await tick()
    },
    subscribe: (listener) => source.subscribe(listener),
  }
}
