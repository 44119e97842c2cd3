import { type Document, jsonEquals, type OpenConflict } from '@holdfast/core'
import { FIELDS } from './contact.ts'

export type Side = 'mine' | 'theirs'

/** The fields that both sides changed, each to something else; all of them where one side deleted the contact. */
export function contestedFields({ base, local, remote }: OpenConflict): readonly (typeof FIELDS)[number][] {
  if (local === null || remote === null) return FIELDS
  return FIELDS.filter((field) => {
    if (jsonEquals(local[field], remote[field])) return false
    return base === null || !(jsonEquals(base[field], local[field]) || jsonEquals(base[field], remote[field]))
  })
}

/** The chosen side of what both changed; elsewhere whatever one side changed. Null deletes the contact. */
export function settledBy(side: Side, conflict: OpenConflict): Document | null {
  const { base, local, remote } = conflict
  const chosen = side === 'mine' ? local : remote
  if (local === null || remote === null || chosen === null) return chosen
  const contested = contestedFields(conflict)
  const settled = FIELDS.map((field) => {
    if (contested.includes(field)) return [field, chosen[field]]
    const isMine = base !== null && jsonEquals(base[field], remote[field])
    return [field, isMine ? local[field] : remote[field]]
  })
  return { ...remote, ...Object.fromEntries(settled) }
}
