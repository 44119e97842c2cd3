import { jsonEquals, type OpenConflict } from '@holdfast/core'
import { FIELDS } from './contact.ts'

export type Side = 'local' | 'remote'

/** The fields that both sides changed, each to something else; all of them where one side deleted the contact. */
export function contestedFields({ base, local, remote }: OpenConflict): readonly (typeof FIELDS)[number][] {
  if (local === null || remote === null) return FIELDS
  return FIELDS.filter((field) => {
    if (jsonEquals(local[field], remote[field])) return false
    return base === null || !(jsonEquals(base[field], local[field]) || jsonEquals(base[field], remote[field]))
  })
}
