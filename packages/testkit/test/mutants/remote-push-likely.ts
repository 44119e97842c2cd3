import { HoldfastError, jsonEquals, type RemoteStore } from '@holdfast/core'
import type { LikelyMutant } from './mutant.ts'
import { isEarlyFor, look, type Mutate, onOutcome, revOf } from './push-parts.ts'

/** Looks first; what looked good then is written whatever stands meanwhile. */
const decidingApart =
  (looksGood: (base: string | null, seen: string | null) => boolean): Mutate =>
  (remote) => ({
    async push(request) {
      const looks = await remote.push({ ...request, mutations: request.mutations.map(look) })
      const isGood = request.mutations.map(({ base }, i) => looksGood(base, revOf(looks.outcomes[i])))
      let mutations = request.mutations
      for (;;) {
        const { outcomes } = await remote.push({ ...request, mutations })
        const sent = mutations
        const isForced = sent.map(
          (mutation, i) =>
            outcomes[i]?.kind === 'conflict' && isGood[i] && !isEarlyFor(outcomes[i], mutation),
        )
        if (!isForced.includes(true)) return { outcomes }
        mutations = sent.map((mutation, i) =>
          isForced[i] ? { ...mutation, base: revOf(outcomes[i]) } : mutation,
        )
      }
    },
  })

/** What someone might really write. */
export const likely: readonly LikelyMutant<RemoteStore>[] = [
  {
    caughtBy: 'update-stale',
    fault: 'takes zero rows touched for success',
    says: /zero rows touched is a conflict, never success/,
    mutate: onOutcome((outcome, { id, hlc, base }) =>
      outcome.kind === 'conflict' && base !== null ? { kind: 'applied', rev: id, hlc } : outcome,
    ),
    others: 15,
  },
  {
    caughtBy: 'concurrent-writers',
    fault: 'compares, and then writes, in two transactions',
    says: /one transaction/,
    mutate: decidingApart((base, seen) => seen === base),
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
    caughtBy: 'document-too-large',
    fault: 'has a word of its own for a document that is too large',
    says: /is `too_large` at every remote/,
    mutate: onOutcome((outcome) =>
      outcome.kind === 'rejected' && outcome.reason === 'too_large'
        ? { ...outcome, reason: 'document_too_large' }
        : outcome,
    ),
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
  {
    caughtBy: 'concurrent-creates',
    fault: 'looks whether a document stands, and creates it, in two transactions',
    says: /in the transaction that creates/,
    mutate: decidingApart((base, seen) => base === null && seen === null),
  },
  {
    caughtBy: 'conflict-again',
    fault: 'notes the id of a mutation before it compares the base',
    says: /the write is taken for stored and lost/,
    mutate: (remote) => {
      const noted = new Set<string>()
      return onOutcome((outcome, { id }) => {
        if (outcome.kind !== 'conflict' || outcome.current === null) return outcome
        if (noted.has(id)) return { kind: 'duplicate', current: outcome.current }
        noted.add(id)
        return outcome
      })(remote)
    },
  },
  {
    caughtBy: 'same-value-is-no-duplicate',
    fault: 'tells duplicates by their content',
    says: /by the id of the mutation/,
    mutate: onOutcome((outcome, { value }) =>
      outcome.kind === 'conflict' && outcome.current !== null && jsonEquals(outcome.current.value, value)
        ? { kind: 'duplicate', current: outcome.current }
        : outcome,
    ),
  },
  {
    caughtBy: 'resend-by-another-client',
    fault: 'keeps in its own memory what it has applied',
    says: /a client that crashed has no memory/,
    mutate: (remote) => {
      const mine = new Set<string>()
      return onOutcome((outcome, { id }) => {
        if (outcome.kind === 'applied') mine.add(id)
        return outcome.kind === 'duplicate' && !mine.has(id)
          ? { kind: 'conflict', current: outcome.current }
          : outcome
      })(remote)
    },
  },
  {
    caughtBy: 'full-batch-bytes',
    fault: 'stands behind a gateway with a limit that it does not declare',
    says: /declare what the whole way to the database takes/,
    mutate: (remote) => ({
      async push(request) {
        if (JSON.stringify(request.mutations).length < 2_000_000) return remote.push(request)
        throw new HoldfastError('protocol', 'The service answered 413. Nothing was changed.')
      },
    }),
  },
]
