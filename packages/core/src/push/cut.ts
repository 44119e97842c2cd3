import type { Mutation } from '../model/mutation.ts'
import type { Row } from '../storage/row.ts'

export interface CutLimits {
  readonly isUnconfirmed: (mutationId: string) => boolean
  /** Most documents in one push that takes effect as a whole. */
  readonly maxDocuments: number
}

/**
 * How far the pending mutations of linked documents can be sent now: the id of the last one.
 * Everything up to it is durable, no group lies on both sides of it, and no more documents are
 * before it than a remote takes at once; unless the first group alone has more. Null: nothing yet.
 *
 * So a document that is written without pause is sent as far as it is durable, and documents that
 * many transactions have linked go in as many pushes as they need.
 */
export function cutOf(members: readonly Row[], { isUnconfirmed, maxDocuments }: CutLimits): string | null {
  const mutations = mutationsOf(members)
  const end = mutations.findIndex(({ id }) => isUnconfirmed(id))
  const durable = end < 0 ? mutations : mutations.slice(0, end)
  const isLone = members.length === 1 && !mutations.some(({ group }) => group !== undefined)
  if (isLone) return durable.at(-1)?.id ?? null
  const left = sizesByGroup(mutations)
  const open = new Set<string>()
  const documents = new Set<string>()
  let cut: string | null = null
  for (const { id, group, collection, documentId } of durable) {
    documents.add(`${collection}/${documentId}`)
    if (documents.size > maxDocuments && cut !== null) break
    if (group !== undefined) {
      const rest = (left.get(group) ?? 1) - 1
      left.set(group, rest)
      if (rest > 0) open.add(group)
      else open.delete(group)
    }
    if (open.size === 0) cut = id
  }
  return cut
}

/** In the order of their ids. */
function mutationsOf(members: readonly Row[]): readonly Mutation[] {
  const [first] = members
  if (members.length === 1) return first?.pending?.mutations ?? []
  return members.flatMap(({ pending }) => pending?.mutations ?? []).sort(byId)
}

function sizesByGroup(mutations: readonly Mutation[]): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const { group } of mutations) if (group !== undefined) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return sizes
}

function byId(a: Mutation, b: Mutation): number {
  return a.id < b.id ? -1 : 1
}
