import type { Document } from '../model/document.ts'
import type { Mutation } from '../model/mutation.ts'
import { mutationId, randomPart } from '../runtime/clock.ts'
import type { DraftParts } from './draft.ts'
import { checkInput, withNewId } from './input.ts'
import { floorOf, topOf } from './places.ts'
import { documentExists } from './refusals.ts'

/*
 * Many inserts as one write. They look at no document and cannot see each other, so they go without a
 * draft: all are checked, and all are stamped in the one turn in which they are appended.
 */

/** The documents as they were written, when `append` has ended. Nothing is awaited before that need not be. */
export async function insertMany(
  parts: DraftParts,
  { collection, inputs }: { readonly collection: string; readonly inputs: readonly object[] },
  append: (mutations: readonly Mutation[]) => Promise<void>,
): Promise<Document[]> {
  const rules = parts.rulesOf(collection)
  const documents: Document[] = []
  for (const input of inputs) {
    const checked = checkInput(rules, withNewId(input, parts.randomHex))
    documents.push(checked instanceof Promise ? await checked : checked)
  }
  const ready = parts.ready()
  if (ready !== null) await ready
  for (const { id } of parts.gates.isOpen ? [] : documents) {
    if (parts.gates.has({ collection, id })) await parts.gates.pass({ collection, id }, async () => undefined)
  }
  await append(stampInserts(parts, collection, documents))
  return documents
}

/** Throws `document_exists` where one stands, or comes twice. A document that is on disk need not be read for that. */
function stampInserts(
  { tables, clock, randomHex }: DraftParts,
  collection: string,
  documents: readonly Document[],
): Mutation[] {
  const random = randomPart(randomHex)
  const ids = new Set<string>()
  return documents.map((value) => {
    const { id: documentId } = value
    const row = tables.get(collection, documentId)
    const isNew = ids.size !== ids.add(documentId).size
    if (!isNew || (row !== undefined && tables.exists(collection, documentId)))
      throw documentExists(collection)
    const hlc = clock.tick(row && floorOf(row))
    const change = { kind: 'create', value } as const
    return { id: mutationId(hlc, random), hlc, collection, documentId, base: topOf(row), change }
  })
}
