import type { Document, PushMutation, PushOutcome } from '@holdfast/core'
import { isStorable, mostBytesOf, unstorableField } from './document.ts'
import { MAX_DOCUMENT_BYTES } from './limits.ts'

/**
 * Outcomes, by place, of mutations that PostgreSQL would alter, or for which PostgREST would
 * refuse the request whole. Those that share a group with one of them wait.
 */
export function refuseUnstorable(mutations: readonly PushMutation[]): Map<number, PushOutcome> {
  const outcomes = new Map<number, PushOutcome>()
  const groups = new Set<string>()
  for (const [i, mutation] of mutations.entries()) {
    const refusal = refusalOf(mutation)
    if (refusal === null) continue
    outcomes.set(i, refusal)
    if (mutation.group !== undefined) groups.add(mutation.group)
  }
  for (const [i, { group }] of mutations.entries()) {
    if (group !== undefined && groups.has(group) && !outcomes.has(i)) {
      outcomes.set(i, { kind: 'retry', after: 0, reason: 'group' })
    }
  }
  return outcomes
}

function refusalOf(mutation: PushMutation): PushOutcome | null {
  const field = fieldAtFault(mutation)
  if (field !== undefined) return { kind: 'rejected', reason: 'invalid_value', field }
  if (mutation.value !== null && isTooLarge(mutation.value)) {
    return { kind: 'rejected', reason: 'too_large', message: `More than ${MAX_DOCUMENT_BYTES} bytes.` }
  }
  return null
}

function fieldAtFault({ documentId, value, fields }: PushMutation): string | undefined {
  if (documentId === '' || !isStorable(documentId)) return 'id'
  const field = value === null ? undefined : unstorableField(value)
  return field ?? fields?.find((name) => !isStorable(name))
}

function isTooLarge(value: Document): boolean {
  if (mostBytesOf(value) <= MAX_DOCUMENT_BYTES) return false
  return new TextEncoder().encode(JSON.stringify(value)).byteLength > MAX_DOCUMENT_BYTES
}
