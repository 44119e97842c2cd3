import type { Conflict, Decision } from '../contracts/conflict-strategy.ts'
import { isHoldfastError } from '../errors/holdfast-error.ts'
import type { Document } from '../model/document.ts'
import { isPlainObject } from '../model/json.ts'
import { checkDocument } from '../model/validate.ts'

export type CheckedResolution =
  | { readonly kind: 'value'; readonly value: Document; readonly decisions: readonly Decision[] }
  | { readonly kind: 'deferred'; readonly reason: string }
  | { readonly kind: 'fault'; readonly fault: string }

/**
 * What a strategy returned, if it keeps the contract. Its size is not judged here: a merged
 * document that is too large fails where it is sent, and stays visible there.
 */
export function checkResolution(
  resolution: unknown,
  { local, remote, context }: Conflict,
): CheckedResolution {
  if (!isPlainObject(resolution)) return fault('it returned no resolution')
  try {
    const { defer, value, decisions } = resolution
    if (typeof defer === 'string') return { kind: 'deferred', reason: defer }
    if (!Array.isArray(decisions) || !decisions.every(isDecision)) return fault('its decisions are malformed')
    if (value === local || value === remote) return { kind: 'value', value: value as Document, decisions }
    // A copy, since a strategy may keep a hand on what it returned.
    const checked = checkDocument(value, {
      collection: context.collection,
      maxBytes: Number.MAX_SAFE_INTEGER,
    })
    if (checked.id !== context.id) return fault('it changed the id')
    return { kind: 'value', value: checked, decisions }
  } catch (error) {
    return fault(isHoldfastError(error) ? `what it returned is refused (${error.code})` : 'it cannot be read')
  }
}

function fault(text: string): CheckedResolution {
  return { kind: 'fault', fault: text }
}

function isDecision(value: unknown): value is Decision {
  if (!isPlainObject(value)) return false
  const { path, chosen, why } = value
  return (
    Array.isArray(path) &&
    path.every((key) => typeof key === 'string') &&
    (chosen === 'local' || chosen === 'remote' || chosen === 'merged') &&
    typeof why === 'string'
  )
}
