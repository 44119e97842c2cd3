import { type Document, isHlc, type RemoteStore, successorOf } from '@holdfast/core'
import type { Mutant } from './mutant.ts'
import { isEarlyFor, onOutcome, onOutcomes, onSent, onValue } from './push-parts.ts'

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
    others: 15,
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
        if (!request.mutations.some((mutation, i) => isEarlyFor(outcomes[i], mutation))) return { outcomes }
        const later = request.mutations.map((mutation, i) =>
          isEarlyFor(outcomes[i], mutation)
            ? { ...mutation, hlc: successorOf(`f${mutation.hlc.slice(1)}`, request.replica) }
            : mutation,
        )
        return remote.push({ ...request, mutations: later })
      },
    }),
  },
  {
    caughtBy: 'hlc-malformed',
    fault: 'does not look at a timestamp before it is stored',
    says: /check it with `isHlc`/,
    mutate: onOutcome((outcome, { id: rev, hlc }) =>
      outcome.kind === 'rejected' && !isHlc(hlc) ? { kind: 'applied', rev, hlc } : outcome,
    ),
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
    caughtBy: 'group-resent-in-part',
    fault: 'takes back what took effect before with the rest of its group',
    mutate: onOutcomes((outcomes, sent) => {
      const inConflict = new Set(
        sent.filter((_, i) => outcomes[i]?.kind === 'conflict').map(({ group }) => group),
      )
      inConflict.delete(undefined)
      return outcomes.map((outcome, i) =>
        outcome.kind === 'duplicate' && inConflict.has(sent[i]?.group)
          ? { kind: 'retry', after: 0, reason: 'group' }
          : outcome,
      )
    }),
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
  {
    caughtBy: 'create-existing',
    fault: 'says that there is a conflict, and not with what',
    mutate: onOutcome((outcome) =>
      outcome.kind === 'conflict' ? { kind: 'conflict', current: null } : outcome,
    ),
    others: 10,
  },
  {
    caughtBy: 'hlc-rule-on-tombstone',
    fault: 'takes any timestamp on a tombstone',
    says: /A tombstone is a version like any other/,
    mutate: onOutcome((outcome, mutation) =>
      isEarlyFor(outcome, mutation) && outcome.current?.value === null
        ? { kind: 'applied', rev: mutation.id, hlc: mutation.hlc }
        : outcome,
    ),
  },
  {
    caughtBy: 'rejected-again',
    fault: 'keeps the id of what it rejected',
    says: /comes back as a duplicate/,
    mutate: (remote) => {
      const refused = new Set<string>()
      return onOutcome((outcome, { id: rev, hlc, value }) => {
        if (outcome.kind !== 'rejected') return outcome
        if (refused.has(rev)) return { kind: 'duplicate', current: { rev, hlc, value, recent: [rev] } }
        refused.add(rev)
        return outcome
      })(remote)
    },
  },
]
