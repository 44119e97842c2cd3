import type { Document, PushMutation, PushOutcome, RemoteStore } from '@holdfast/core'
import type { Mutant } from './mutant.ts'

export type Mutate = Mutant<RemoteStore>['mutate']

export const onOutcomes =
  (
    change: (outcomes: readonly PushOutcome[], sent: readonly PushMutation[]) => readonly PushOutcome[],
  ): Mutate =>
  (remote) => ({
    push: async (request) => ({
      outcomes: change((await remote.push(request)).outcomes, request.mutations),
    }),
  })

export const onOutcome = (change: (outcome: PushOutcome, sent: PushMutation) => PushOutcome): Mutate =>
  onOutcomes((outcomes, sent) =>
    outcomes.map((outcome, i) => {
      const mutation = sent[i]
      return mutation === undefined ? outcome : change(outcome, mutation)
    }),
  )

export const onSent =
  (change: (mutation: PushMutation) => PushMutation): Mutate =>
  (remote) => ({ push: (request) => remote.push({ ...request, mutations: request.mutations.map(change) }) })

export const onValue = (change: (value: Document) => Document): Mutate =>
  onSent((mutation) => (mutation.value === null ? mutation : { ...mutation, value: change(mutation.value) }))

/** A mutation of the same document that cannot apply: its answer shows what stands. */
export function look(mutation: PushMutation): PushMutation {
  return { ...mutation, id: `${mutation.id}-look`, base: 'nothing-like-it' }
}

export function revOf(outcome: PushOutcome | undefined): string | null {
  return outcome?.kind === 'conflict' ? (outcome.current?.rev ?? null) : null
}

/** It met a conflict although it stands on what is current: its timestamp is not later. */
export function isEarlyFor(
  outcome: PushOutcome | undefined,
  { base }: PushMutation,
): outcome is Extract<PushOutcome, { kind: 'conflict' }> {
  return outcome?.kind === 'conflict' && outcome.current !== null && outcome.current.rev === base
}
