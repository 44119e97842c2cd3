import type { FailedDocument } from '@holdfast/core'
import { button, element } from './element.ts'

export interface FailedActions {
  retry(failed: FailedDocument): void
  discard(failed: FailedDocument): void
}

/** A change that the remote refused for good: why, and the ways out. */
export function failedCard(failed: FailedDocument, { retry, discard }: FailedActions): HTMLLIElement {
  const { failure, local, id } = failed
  const name = local === null ? `Deletion of ${id}` : String(local.name)
  const why = [failure.reason, failure.field, failure.constraint, failure.message].filter(
    (part) => part !== undefined,
  )
  return element(
    'li',
    { className: 'card', ariaLabel: name },
    element('h3', { textContent: name }),
    element('p', { className: 'reason', textContent: why.join(' · ') }),
    button('Retry', () => retry(failed)),
    button('Discard', () => discard(failed)),
  )
}
