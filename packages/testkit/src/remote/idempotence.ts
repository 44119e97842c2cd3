import type { PushMutation } from '@holdfast/core'
import { check, checkEqual } from '../suite/check.ts'
import { checkHolds, checkKinds, expectKind } from './expectations.ts'
import type { RemoteCase } from './remote-case.ts'

const ONCE = 'A mutation takes effect once: look for its id in `recent` before comparing the base.'

export const idempotenceCases: readonly RemoteCase[] = [
  {
    id: 'resend-create',
    title: 'the same create again is a duplicate that carries what stands',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x' }
      const mutation = await client.apply({ value })
      const [outcome] = await client.push(mutation)
      const { current } = expectKind(outcome, 'duplicate', ONCE)
      checkEqual(
        [current.rev, current.hlc],
        [mutation.id, mutation.hlc],
        'A duplicate carries the current version.',
      )
      checkHolds(current.value, value, 'A duplicate carries the current value.')
    },
  },
  {
    id: 'prepared-push',
    title: 'what is prepared has no effect until it is pushed, and then it has it once',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const create = () => writer.mutation({ value: { id: t.make.uuid(), title: 'x' } })
      const [sent, pushed, forgotten] = [[create()], [create()], [create()]]
      for (const mutations of [pushed, forgotten]) writer.store.prepare?.(mutations)
      checkEqual((await reader.pullAll()).length, 0, 'Nothing leaves before the push.')
      checkKinds(await writer.pushOnce(sent), ['applied'], 'A push needs no preparing.')
      checkKinds(await writer.pushOnce(pushed), ['applied'], 'A prepared push is a push like any other.')
      checkKinds(await writer.pushOnce(pushed), ['duplicate'], ONCE)
      checkEqual(
        (await reader.pullAll()).map(({ id }) => id).toSorted(),
        [sent, pushed].flatMap((mutations) => mutations.map(({ documentId }) => documentId)).toSorted(),
        'What was pushed is there, and what was only prepared is not.',
      )
    },
  },
  {
    id: 'resend-update-and-delete',
    title: 'the same update, and the same delete, again are duplicates',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x' }
      const base = await client.apply({ value })
      const update = await client.apply({ value: { ...value, title: 'y' }, base })
      checkKinds(await client.push(update), ['duplicate'], ONCE)
      const remove = await client.apply({ documentId: value.id, base: update })
      const [outcome] = await client.push(remove)
      const { current } = expectKind(outcome, 'duplicate', `${ONCE} Keep \`recent\` in the tombstone too.`)
      checkEqual([current.rev, current.value], [remove.id, null], 'A duplicate delete carries the tombstone.')
    },
  },
  {
    id: 'resend-after-others-wrote',
    title: 'a mutation sent again after someone wrote on top is a duplicate, and undoes nothing',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      const first = await one.apply({ value })
      const second = await two.apply({ value: { ...value, title: 'y' }, base: first })
      const [outcome] = await one.push(first)
      const { current } = expectKind(
        outcome,
        'duplicate',
        `${ONCE} Keep the ids of the last mutations, not just the last.`,
      )
      checkEqual(current.rev, second.id, 'A duplicate carries what stands now, which may be newer.')
    },
  },
  {
    id: 'resend-after-delete',
    title: 'a create sent again after someone deleted does not bring the document back',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      const first = await one.apply({ value })
      await two.apply({ documentId: value.id, base: first })
      const [outcome] = await one.push(first)
      const { current } = expectKind(outcome, 'duplicate', `${ONCE} A tombstone keeps \`recent\`.`)
      checkEqual(current.value, null, 'The document stays deleted.')
    },
  },
  {
    id: 'resend-delete-after-recreate',
    title: 'a delete sent again after someone brought the document back does not delete it again',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      const base = await one.apply({ value })
      const remove = await one.apply({ documentId: value.id, base })
      const again = { id: value.id, title: 'again' }
      const made = await two.apply({ value: again, base: remove })
      const [outcome] = await one.push(remove)
      const { current } = expectKind(
        outcome,
        'duplicate',
        `${ONCE} Carry \`recent\` over from the tombstone to the document that stands on it.`,
      )
      checkEqual(current.rev, made.id, 'A duplicate carries what stands now.')
      await one.pullAll()
      checkHolds(one.value(value.id), again, 'The document stands.')
    },
  },
  {
    id: 'resend-by-another-client',
    title: 'a mutation sent again after the client was started anew is a duplicate',
    async run(t) {
      const one = await t.client()
      const mutation = await one.apply({ value: { id: t.make.uuid(), title: 'x' } })
      const again = await t.client({ replica: one.replica })
      checkKinds(
        await again.push(mutation),
        ['duplicate'],
        `${ONCE} Keep it with the document, at the remote: a client that crashed has no memory.`,
      )
    },
  },
  {
    id: 'same-value-is-no-duplicate',
    title: 'another mutation with the same value is a conflict, not a duplicate',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      const made = await one.apply({ value })
      checkKinds(
        await two.push(two.mutation({ value })),
        ['conflict'],
        'A duplicate is told by the id of the mutation, never by what it writes.',
      )
      await one.apply({ value, base: made })
    },
  },
  {
    id: 'conflict-again',
    title: 'a mutation that was a conflict is one again, not a duplicate',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      await one.apply({ value })
      const late = two.mutation({ value: { ...value, title: 'late' } })
      for (let round = 0; round < 2; round++)
        checkKinds(
          await two.push(late),
          ['conflict'],
          'A conflict took no effect: its id must not be kept among those that did, or the write is taken for stored and lost.',
        )
    },
  },
  {
    id: 'resend-in-mixed-batch',
    title: 'duplicates among new mutations are told apart',
    async run(t) {
      const client = await t.client()
      const documents = t.make.documents(6)
      const mutations = documents.map((value) => client.mutation({ value }))
      await client.applyAll(mutations.filter((_, i) => i % 2 === 0))
      checkKinds(
        await client.push(...mutations),
        ['duplicate', 'applied', 'duplicate', 'applied', 'duplicate', 'applied'],
        'A batch that is regrouped after a lost answer holds both: decide for each mutation by itself, with no key for the batch.',
      )
      checkEqual((await client.pullAll()).length, 6, 'Six mutations make six documents.')
    },
  },
  {
    id: 'resend-twice-in-one-push',
    title: 'the same mutation twice in one push takes effect once',
    requires: ['batches'],
    async run(t) {
      const client = await t.client()
      const mutation = client.mutation({ value: { id: t.make.uuid(), title: 'x' } })
      const kinds = (await client.pushOnce([mutation, mutation])).map(({ kind }) => kind)
      const applied = kinds.filter((kind) => kind === 'applied').length
      check(
        applied <= 1 && kinds.every((kind) => kind !== 'conflict' && kind !== 'rejected'),
        `One of the two may be applied, the other is a duplicate or retry. Received: ${kinds.join(', ')}`,
      )
      checkKinds(await client.push(mutation), [applied === 1 ? 'duplicate' : 'applied'], ONCE)
    },
  },
  {
    id: 'recent-window',
    title: '`recent` remembers at least the last four mutations of a document',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x', count: 0 }
      const chain: PushMutation[] = [await client.apply({ value })]
      for (let count = 1; count < 4; count++) {
        chain.push(await client.apply({ value: { ...value, count }, base: chain.at(-1) ?? null }))
      }
      const outcomes = await Promise.all(chain.map(async (mutation) => (await client.push(mutation))[0]))
      check(
        outcomes.every((outcome) => outcome?.kind === 'duplicate'),
        `Keep the ids of several mutations with each document. Received: ${outcomes.map((outcome) => outcome?.kind).join(', ')}`,
      )
    },
  },
  {
    id: 'beyond-recent',
    title: 'a mutation older than `recent` is never applied a second time',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x', count: 0 }
      const first = await client.apply({ value })
      let base = first
      for (let count = 1; count <= 12; count++)
        base = await client.apply({ value: { ...value, count }, base })
      const [outcome] = await client.push(first)
      check(
        outcome?.kind === 'duplicate' || outcome?.kind === 'conflict',
        `A mutation that \`recent\` has forgotten is a conflict. Received: ${JSON.stringify(outcome)}`,
      )
      await client.pullAll()
      checkEqual(client.version(value.id)?.rev, base.id, 'It must change nothing.')
    },
  },
  {
    id: 'beyond-recent-delete',
    title: 'a delete older than `recent` does not delete what was made since',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x', count: 0 }
      const first = await client.apply({ value })
      const remove = await client.apply({ documentId: value.id, base: first })
      let base = remove
      for (let count = 1; count <= 12; count++)
        base = await client.apply({ value: { ...value, count }, base })
      const outcomes = await client.push(remove, first)
      check(
        outcomes.every(({ kind }) => kind === 'duplicate' || kind === 'conflict'),
        `A mutation that \`recent\` has forgotten is a conflict, a delete too. Received: ${outcomes.map(({ kind }) => kind).join(', ')}`,
      )
      await client.pullAll()
      checkEqual(client.version(value.id)?.rev, base.id, 'It must change nothing.')
    },
  },
  {
    id: 'concurrent-resends',
    title: 'eight sends of one mutation at once: one applied, the others duplicates',
    async run(t) {
      const clients = await Promise.all(
        Array.from({ length: 8 }, () => t.client({ replica: 'a'.repeat(16) })),
      )
      const [first] = clients
      if (first === undefined) return
      const mutation = first.mutation({ value: { id: t.make.uuid(), title: 'x' } })
      const outcomes = await Promise.all(
        clients.map(async (client) => (await client.push(mutation))[0]?.kind),
      )
      checkEqual(
        outcomes.sort(),
        ['applied', ...Array(7).fill('duplicate')],
        'Check `recent` and write in one transaction.',
      )
    },
  },
  {
    id: 'concurrent-writers',
    title: 'sixteen updates on one base at once: one applied, fifteen conflicts',
    async run(t) {
      const clients = await Promise.all(Array.from({ length: 16 }, () => t.client()))
      const [first] = clients
      if (first === undefined) return
      const value = { id: t.make.uuid(), title: 'x' }
      const base = await first.apply({ value })
      // All know as much as the first: none is late because it still has to read.
      await Promise.all(clients.map((client) => client.pullAll()))
      const outcomes = await Promise.all(
        clients.map(async (client, i) => {
          const mutation = client.mutation({ value: { ...value, title: `by ${i}` }, base })
          return { mutation, outcome: (await client.push(mutation))[0] }
        }),
      )
      const winners = outcomes.filter(({ outcome }) => outcome?.kind === 'applied')
      checkEqual(
        winners.length,
        1,
        'Compare and write in one transaction: exactly one of sixteen may be applied.',
      )
      check(
        outcomes.filter(({ outcome }) => outcome?.kind === 'conflict').length === 15,
        'The others are conflicts.',
      )
      await first.pullAll()
      checkEqual(first.version(value.id)?.rev, winners[0]?.mutation.id, 'What stands is what was applied.')
    },
  },
]
