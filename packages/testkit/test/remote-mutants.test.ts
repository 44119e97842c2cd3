import type { Document, PullPage, PushMutation, PushOutcome, RemoteStore } from '@holdfast/core'
import { HoldfastError, successorOf } from '@holdfast/core'
import { createMemoryServer, memoryRemote } from '@holdfast/core/memory'
import { remoteStoreCases, runCases } from '@holdfast/testkit'
import { expect, test } from 'vitest'

type Mutate = (remote: RemoteStore) => Partial<RemoteStore>

const onPage =
  (change: (page: PullPage) => PullPage): Mutate =>
  (remote) => ({ pull: async (request) => change(await remote.pull(request)) })

const onOutcomes =
  (change: (outcomes: readonly PushOutcome[]) => readonly PushOutcome[]): Mutate =>
  (remote) => ({ push: async (request) => ({ outcomes: change((await remote.push(request)).outcomes) }) })

const onSent =
  (change: (mutation: PushMutation) => PushMutation): Mutate =>
  (remote) => ({ push: (request) => remote.push({ ...request, mutations: request.mutations.map(change) }) })

const onValue = (change: (value: Document) => Document): Mutate =>
  onSent((mutation) => (mutation.value === null ? mutation : { ...mutation, value: change(mutation.value) }))

/** Faults of a remote, each named after the case that must catch it. */
const mutants: Readonly<Record<string, Mutate>> = {
  'update-stale': (remote) => ({
    async push(request) {
      const { outcomes } = await remote.push(request)
      const mutations = request.mutations.map((mutation, i) => {
        const outcome = outcomes[i]
        return outcome?.kind === 'conflict' ? { ...mutation, base: outcome.current?.rev ?? null } : mutation
      })
      return remote.push({ ...request, mutations })
    },
  }),
  'create-on-tombstone': (remote) => ({
    async push(request) {
      const { outcomes } = await remote.push(request)
      return {
        outcomes: outcomes.map((outcome) =>
          outcome.kind === 'conflict' && outcome.current?.value === null
            ? { kind: 'conflict', current: null }
            : outcome,
        ),
      }
    },
  }),
  'resend-create': onOutcomes((outcomes) =>
    outcomes.map((outcome) =>
      outcome.kind === 'duplicate' ? { kind: 'conflict', current: outcome.current } : outcome,
    ),
  ),
  'resend-after-others-wrote': (remote) => ({
    push: async (request) => ({
      outcomes: (await remote.push(request)).outcomes.map((outcome, i) =>
        outcome.kind === 'duplicate' && outcome.current.rev !== request.mutations[i]?.id
          ? { kind: 'conflict', current: outcome.current }
          : outcome,
      ),
    }),
  }),
  'outcome-order': onOutcomes((outcomes) => [...outcomes].sort((a, b) => (a.kind < b.kind ? -1 : 1))),
  'hlc-rule': (remote) => ({
    async push(request) {
      const { outcomes } = await remote.push(request)
      const later = request.mutations.map((mutation, i) =>
        outcomes[i]?.kind === 'rejected'
          ? { ...mutation, hlc: successorOf(`f${mutation.hlc.slice(1)}`, request.replica) }
          : mutation,
      )
      return remote.push({ ...request, mutations: later })
    },
  }),
  'document-too-large': (remote) => ({
    async push(request) {
      const answer = await remote.push(request)
      if (answer.outcomes.every(({ kind }) => kind !== 'rejected')) return answer
      throw new HoldfastError('rejected', 'too large')
    },
  }),
  fields: onSent(({ fields: _, ...mutation }) =>
    mutation.base === null ? mutation : { ...mutation, fields: Object.keys(mutation.value ?? {}) },
  ),
  'group-all-or-nothing': onSent(({ group: _, ...mutation }) => mutation),
  'small-pages': onPage((page) => ({ ...page, hasMore: false })),
  delete: onPage((page) => ({
    ...page,
    changes: page.changes.filter(({ value, own }) => value !== null || own === true),
  })),
  'feed-order': (remote) => {
    let last = ''
    return {
      async pull(request) {
        const page = await remote.pull(request)
        const changes = page.changes.filter(({ hlc }) => hlc > last)
        last = changes.reduce((latest, { hlc }) => (hlc > latest ? hlc : latest), last)
        return { ...page, changes }
      },
    }
  },
  'one-collection-null': (remote) => ({
    pull(request) {
      const known = Object.values(request.checkpoints).find((checkpoint) => checkpoint !== null) ?? null
      return remote.pull({
        ...request,
        checkpoints: Object.fromEntries(Object.keys(request.checkpoints).map((name) => [name, known])),
      })
    },
  }),
  'own-never-at-null': (remote) => ({
    async pull(request) {
      const page = await remote.pull(request)
      const changes = page.changes.map((change) =>
        change.hlc.endsWith(request.replica) ? { ...change, value: null, own: true as const } : change,
      )
      return { ...page, changes }
    },
  }),
  'own-revisions': onPage((page) => ({
    ...page,
    changes: page.changes.filter(({ own }) => own === undefined),
  })),
  'origin-stable': onPage((page) => ({ ...page, origin: { ...page.origin, epoch: String(Math.random()) } })),
  'other-origin-resets': (remote) => {
    let origin: PullPage['origin'] | null = null
    return {
      async pull(request) {
        origin ??= (await remote.pull({ ...request, checkpoints: {} })).origin
        return remote.pull({ ...request, origin })
      },
    }
  },
  'unknown-checkpoint': (remote) => ({
    pull: (request) =>
      remote.pull({
        ...request,
        checkpoints: Object.fromEntries(
          Object.entries(request.checkpoints).map(([name, text]) => [
            name,
            text === null || /^\d+$/.test(text) ? text : '999999',
          ]),
        ),
      }),
  }),
  'aborted-before': (remote) => ({
    pull: (request) => remote.pull({ ...request, signal: new AbortController().signal }),
    push: (request) => remote.push({ ...request, signal: new AbortController().signal }),
  }),
  text: onValue((value) => ({
    ...value,
    ...(typeof value.title === 'string' ? { title: value.title.normalize() } : {}),
  })),
  empties: onValue(
    (value) => JSON.parse(JSON.stringify(value, (_, item) => (item === null ? undefined : item))) as Document,
  ),
}

test.each(Object.entries(mutants))(
  'a remote with the fault "%s" is failed by that case',
  async (id, mutate) => {
    const server = createMemoryServer()
    const cases = remoteStoreCases({
      async open({ space }) {
        const remote = memoryRemote({ server, space })
        return { ...remote, ...mutate(remote) }
      },
    })
    const named = cases.filter((one) => one.id === id)
    expect([...(await runCases(named)).failed.keys()]).toEqual([id])
  },
)
