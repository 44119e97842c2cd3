import type { Document } from '../model/document.ts'
import { StampText } from '../model/hlc.ts'
import type { Mutation } from '../model/mutation.ts'
import { Runs, type Stamped } from '../model/run.ts'
import { randomPart } from '../runtime/clock.ts'
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
  append: (stamped: Stamped) => Promise<void>,
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
): Stamped {
  const ids = new StampText(randomPart(randomHex))
  const runs = new Runs()
  const met = new Set<string>()
  const mutations = documents.map((value, at): Mutation => {
    const { id: documentId } = value
    const row = tables.get(collection, documentId)
    const isNew = met.size !== met.add(documentId).size
    if (!isNew || (row !== undefined && tables.exists(collection, documentId)))
      throw documentExists(collection)
    const hlc = clock.tick(row && floorOf(row))
    const { moment } = clock
    const base = topOf(row)
    runs.add(at, row === undefined ? moment.wall : null)
    return { id: ids.at(moment), hlc, collection, documentId, base, change: { kind: 'create', value } }
  })
  return { mutations, runs: runs.found }
}
