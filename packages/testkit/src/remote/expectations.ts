import { type Document, type JsonValue, jsonEquals, type PushOutcome } from '@holdfast/core'
import { check, checkEqual } from '../suite/check.ts'

/**
 * The stored value must hold every field that was sent, as sent. Fields that were not sent may be
 * null: a remote with typed columns cannot tell no value from null.
 */
export function checkHolds(stored: Document | null | undefined, sent: Document, advice: string): void {
  const show = `\n  sent: ${JSON.stringify(sent)}\n  stored: ${JSON.stringify(stored)}`.slice(0, 900)
  check(stored !== null && stored !== undefined, `${advice} There is no document.${show}`)
  for (const [field, value] of Object.entries(sent)) {
    const kept: JsonValue = Object.hasOwn(stored, field) ? (stored[field] ?? null) : null
    check(jsonEquals(kept, value), `${advice} The field "${field}" differs.${show}`)
  }
  for (const [field, value] of Object.entries(stored)) {
    check(
      Object.hasOwn(sent, field) || value === null,
      `${advice} The field "${field}" was never sent.${show}`,
    )
  }
}

export function checkKinds(
  outcomes: readonly PushOutcome[],
  kinds: readonly PushOutcome['kind'][],
  advice: string,
): void {
  checkEqual(
    outcomes.map(({ kind }) => kind),
    kinds,
    advice,
  )
}

/** Narrows an outcome to its kind. */
export function expectKind<K extends PushOutcome['kind']>(
  outcome: PushOutcome | undefined,
  kind: K,
  advice: string,
): Extract<PushOutcome, { kind: K }> {
  check(outcome?.kind === kind, `${advice}\n  expected: ${kind}\n  received: ${JSON.stringify(outcome)}`)
  return outcome as Extract<PushOutcome, { kind: K }>
}

export function expectOne<T>(items: readonly T[], advice: string): T {
  check(items.length === 1, `${advice} Received ${items.length}.`)
  return items[0] as T
}
