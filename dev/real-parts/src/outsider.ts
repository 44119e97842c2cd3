import { type Book, FOREIGN } from './book.ts'
import type { Random } from './random.ts'
import { COLLECTIONS, type CollectionName, type Note, type Site } from './site.ts'
import { pause } from './user.ts'

const SHARED = 6

/** A program that writes to the server's tables and knows nothing of Holdfast. */
export async function outsider(site: Site, { book, random }: { book: Book; random: Random }, acts: number) {
  if (site.foreign === undefined) return
  for (let i = 0; i < acts; i++) {
    await pause(random.pick([0, 5, 20]))
    const kind = random.pick(['put', 'update', 'update', 'delete'] as const)
    const ids = new Set(Array.from({ length: kind === 'delete' ? 1 : 2 }, () => random.below(SHARED)))
    const writes = [...ids].map((n) =>
      book.note({
        client: FOREIGN,
        kind,
        collection: random.pick(COLLECTIONS),
        id: `${site.prefix}d${n}`,
        seen: undefined,
        fields: kind === 'delete' ? {} : book.fields(FOREIGN, ['body', 'n']),
      }),
    )
    const [first] = writes
    if (first === undefined) continue
    if (kind === 'delete') await site.foreign({ kind, collection: first.collection, id: first.id })
    else
      await site.foreign({
        kind,
        documents: writes.map(({ collection, id, fields }): [CollectionName, Note] => [
          collection,
          { id, ...fields },
        ]),
      })
  }
}
