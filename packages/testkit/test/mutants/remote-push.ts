import {
  type Document,
  HoldfastError,
  type PushMutation,
  type PushOutcome,
  type RemoteStore,
  successorOf,
} from '@holdfast/core'
import type { Mutant } from './mutant.ts'

type Mutate = Mutant<RemoteStore>['mutate']

const onOutcomes =
  (
    change: (outcomes: readonly PushOutcome[], sent: readonly PushMutation[]) => readonly PushOutcome[],
  ): Mutate =>
  (remote) => ({
    push: async (request) => ({
      outcomes: change((await remote.push(request)).outcomes, request.mutations),
    }),
  })

const onOutcome = (change: (outcome: PushOutcome, sent: PushMutation) => PushOutcome): Mutate =>
  onOutcomes((outcomes, sent) =>
    outcomes.map((outcome, i) => {
      const mutation = sent[i]
      return mutation === undefined ? outcome : change(outcome, mutation)
    }),
  )

const onSent =
  (change: (mutation: PushMutation) => PushMutation): Mutate =>
  (remote) => ({ push: (request) => remote.push({ ...request, mutations: request.mutations.map(change) }) })

const onValue = (change: (value: Document) => Document): Mutate =>
  onSent((mutation) => (mutation.value === null ? mutation : { ...mutation, value: change(mutation.value) }))

/** What someone might really write. */
export const likely: readonly Mutant<RemoteStore>[] = [
  {
    caughtBy: 'update-stale',
    fault: 'takes zero rows touched for success',
    says: /zero rows touched is a conflict, never success/,
    mutate: onOutcome((outcome, { id, hlc, base }) =>
      outcome.kind === 'conflict' && base !== null ? { kind: 'applied', rev: id, hlc } : outcome,
    ),
    others: 14,
  },
  {
    caughtBy: 'concurrent-writers',
    fault: 'compares, and then writes, in two transactions',
    says: /one transaction/,
    mutate: (remote) => ({
      async push(request) {
        const looks = await remote.push({ ...request, mutations: request.mutations.map(look) })
        const isCurrent = request.mutations.map(({ base }, i) => revOf(looks.outcomes[i]) === base)
        let mutations = request.mutations
        for (;;) {
          const { outcomes } = await remote.push({ ...request, mutations })
          if (!outcomes.some(({ kind }, i) => kind === 'conflict' && isCurrent[i])) return { outcomes }
          mutations = mutations.map((mutation, i) =>
            outcomes[i]?.kind === 'conflict' && isCurrent[i]
              ? { ...mutation, base: revOf(outcomes[i]) }
              : mutation,
          )
        }
      },
    }),
  },
  {
    caughtBy: 'resend-create',
    fault: 'keeps no ids of the mutations that it applied',
    says: /look for its id in `recent` before comparing the base/,
    mutate: onOutcome((outcome) =>
      outcome.kind === 'duplicate' ? { kind: 'conflict', current: outcome.current } : outcome,
    ),
    others: 14,
  },
  {
    caughtBy: 'resend-after-others-wrote',
    fault: 'remembers the last mutation of a document only',
    says: /not just the last/,
    mutate: onOutcome((outcome, { id }) =>
      outcome.kind === 'duplicate' && outcome.current.rev !== id
        ? { kind: 'conflict', current: outcome.current }
        : outcome,
    ),
  },
  {
    caughtBy: 'document-too-large',
    fault: 'throws where one document is too large',
    says: /not thrown/,
    mutate: (remote) => ({
      async push(request) {
        const answer = await remote.push(request)
        if (answer.outcomes.every(({ kind }) => kind !== 'rejected')) return answer
        throw new HoldfastError('rejected', 'A document is too large. Nothing was changed. Make it smaller.')
      },
    }),
  },
  {
    caughtBy: 'limit-in-bytes',
    fault: 'counts characters where the limit is in bytes',
    says: /UTF-8 bytes/,
    mutate: (remote) => ({
      push: async (request) => ({
        outcomes: (await remote.push(request)).outcomes.map((outcome, i) => {
          const mutation = request.mutations[i]
          const length = JSON.stringify(mutation?.value ?? null).length
          if (mutation === undefined || outcome.kind !== 'rejected' || length < 1_000) return outcome
          if (length > remote.capabilities.maxDocumentBytes) return outcome
          return { kind: 'applied', rev: mutation.id, hlc: mutation.hlc }
        }),
      }),
    }),
  },
]

/** One statement of the contract each. */
export const contrary: readonly Mutant<RemoteStore>[] = [
  {
    caughtBy: 'update-newer-hlc-is-no-excuse',
    fault: 'lets the newer timestamp win',
    mutate: (remote) => ({
      async push(request) {
        const { outcomes } = await remote.push(request)
        const again = request.mutations.map((mutation, i) => {
          const outcome = outcomes[i]
          const isNewer =
            outcome?.kind === 'conflict' && outcome.current !== null && mutation.hlc > outcome.current.hlc
          return isNewer ? { ...mutation, base: outcome.current?.rev ?? null } : mutation
        })
        const second = await remote.push({ ...request, mutations: again })
        return {
          outcomes: second.outcomes.map((outcome, i) =>
            outcomes[i]?.kind === 'conflict' ? outcome : (outcomes[i] ?? outcome),
          ),
        }
      },
    }),
    others: 14,
  },
  {
    caughtBy: 'create-on-tombstone',
    fault: 'hides the tombstone from a conflict',
    mutate: onOutcome((outcome) =>
      outcome.kind === 'conflict' && outcome.current?.value === null
        ? { kind: 'conflict', current: null }
        : outcome,
    ),
  },
  {
    caughtBy: 'conflict-then-rebase',
    fault: 'sends a conflict without its value',
    says: /carries the whole current version/,
    mutate: onOutcome((outcome) =>
      outcome.kind === 'conflict' && outcome.current !== null
        ? { kind: 'conflict', current: { ...outcome.current, value: null } }
        : outcome,
    ),
  },
  {
    caughtBy: 'resend-delete-after-recreate',
    fault: 'forgets, when a document comes back, what its tombstone knew',
    mutate: onOutcome((outcome, { value }) =>
      outcome.kind === 'duplicate' && value === null && outcome.current.value !== null
        ? { kind: 'conflict', current: outcome.current }
        : outcome,
    ),
  },
  {
    caughtBy: 'outcome-order',
    fault: 'answers in an order of its own',
    mutate: onOutcomes((outcomes) => [...outcomes].sort((a, b) => (a.kind < b.kind ? -1 : 1))),
  },
  {
    caughtBy: 'hlc-rule',
    fault: 'takes a timestamp that is not after its base',
    mutate: (remote) => ({
      async push(request) {
        const { outcomes } = await remote.push(request)
        if (!outcomes.some((outcome) => outcome.kind === 'rejected' && outcome.field === 'hlc'))
          return { outcomes }
        const later = request.mutations.map((mutation, i) =>
          outcomes[i]?.kind === 'rejected'
            ? { ...mutation, hlc: successorOf(`f${mutation.hlc.slice(1)}`, request.replica) }
            : mutation,
        )
        return remote.push({ ...request, mutations: later })
      },
    }),
  },
  {
    caughtBy: 'fields',
    fault: 'keeps the fields that a patch removes',
    mutate: onSent(({ fields: _, ...mutation }) =>
      mutation.base === null ? mutation : { ...mutation, fields: Object.keys(mutation.value ?? {}) },
    ),
  },
  {
    caughtBy: 'group-all-or-nothing',
    fault: 'applies each mutation of a group by itself',
    mutate: onSent(({ group: _, ...mutation }) => mutation),
  },
  {
    caughtBy: 'group-undeclared',
    fault: 'declares no groups and refuses them',
    says: /`group` is ignored/,
    mutate: (remote) => ({
      capabilities: { ...remote.capabilities, atomicGroups: 0 },
      ...onOutcome((outcome, { group }) =>
        group === undefined ? outcome : { kind: 'rejected', reason: 'no_groups' },
      )(remote),
    }),
  },
  {
    caughtBy: 'text',
    fault: 'normalises text',
    mutate: onValue((value) => ({
      ...value,
      ...(typeof value.title === 'string' ? { title: value.title.normalize() } : {}),
    })),
  },
  {
    caughtBy: 'empties',
    fault: 'strips nulls',
    mutate: onValue(
      (value) =>
        JSON.parse(JSON.stringify(value, (_, item) => (item === null ? undefined : item))) as Document,
    ),
  },
  {
    caughtBy: 'numbers',
    fault: 'keeps numbers in 32 bits',
    mutate: onValue(
      (value) =>
        JSON.parse(
          JSON.stringify(value, (_, item) => (typeof item === 'number' ? Math.fround(item) : item)),
        ) as Document,
    ),
  },
  {
    caughtBy: 'aborted-before',
    fault: 'takes no notice of its signal',
    mutate: (remote) => ({
      pull: (request) => remote.pull({ ...request, signal: new AbortController().signal }),
      push: (request) => remote.push({ ...request, signal: new AbortController().signal }),
    }),
  },
]

/** A mutation of the same document that cannot apply: its answer shows what stands. */
function look(mutation: PushMutation): PushMutation {
  return { ...mutation, id: `${mutation.id}-look`, base: 'nothing-like-it' }
}

function revOf(outcome: PushOutcome | undefined): string | null {
  return outcome?.kind === 'conflict' ? (outcome.current?.rev ?? null) : null
}
