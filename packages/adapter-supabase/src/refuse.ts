import type { PushMutation, PushOutcome } from '@holdfast/core'
import { isStorable, unstorableField } from './document.ts'

/**
 * Mutations that PostgreSQL would alter, or for which PostgREST would refuse the request whole.
 * Those that share a group with one of them wait.
 */
export function refuseUnstorable(mutations: readonly PushMutation[]): Map<PushMutation, PushOutcome> {
  const outcomes = new Map<PushMutation, PushOutcome>()
  for (const mutation of mutations) {
    const field = fieldAtFault(mutation)
    if (field !== undefined) outcomes.set(mutation, { kind: 'rejected', reason: 'invalid_value', field })
  }
  const groups = new Set([...outcomes.keys()].flatMap(({ group }) => group ?? []))
  for (const mutation of mutations) {
    if (mutation.group !== undefined && groups.has(mutation.group) && !outcomes.has(mutation)) {
      outcomes.set(mutation, { kind: 'retry', after: 0, reason: 'group' })
    }
  }
  return outcomes
}

function fieldAtFault({ documentId, value, fields }: PushMutation): string | undefined {
  if (documentId === '' || !isStorable(documentId)) return 'id'
  const field = value === null ? undefined : unstorableField(value)
  return field ?? fields?.find((name) => !isStorable(name))
}
