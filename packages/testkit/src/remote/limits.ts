import { check, checkEqual, fail } from '../suite/check.ts'
import { checkHolds, checkKinds, expectKind } from './expectations.ts'
import type { RemoteCase, RemoteTest } from './remote-case.ts'

const KILOBYTE = 1024
const TAKEN_WHOLE =
  'A push of up to maxBatchBytes must be taken whole: declare what the whole way to the database takes, gateways too.'
const NOT_THROWN =
  'A document over maxDocumentBytes is `rejected` by its outcome, not thrown: a throw would block everything behind it for ever.'

export const limitCases: readonly RemoteCase[] = [
  {
    id: 'declared',
    title: 'the remote declares its version, name and limits',
    async run(t) {
      const { store } = await t.client()
      const { maxBatch, maxBatchBytes, maxDocumentBytes, atomicGroups, pokes } = store.capabilities
      checkEqual(
        store.capabilities,
        t.harness.capabilities,
        'The capabilities of the harness must be those that a remote declares: they decide what is tested.',
      )
      check(store.specVersion === 1, 'specVersion must be 1.')
      check(store.name.length > 0, 'name says which kind of remote this is.')
      check(
        maxBatch >= 1 && maxDocumentBytes >= KILOBYTE,
        'maxBatch is at least 1, maxDocumentBytes at least 1 KB.',
      )
      check(maxBatchBytes >= maxDocumentBytes, 'One document of the largest size must fit into a push.')
      check(
        atomicGroups >= 0 && atomicGroups <= maxBatch,
        'A group goes in one push: atomicGroups is at most maxBatch.',
      )
      checkEqual(store.subscribe !== undefined, pokes, '`pokes` says whether `subscribe` is there.')
    },
  },
  {
    id: 'big-document',
    title: 'a document just under the declared limit is applied, and pulled whole',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const bytes = Math.min(writer.store.capabilities.maxDocumentBytes, KILOBYTE * KILOBYTE)
      const value = { id: t.make.uuid(), body: 'x'.repeat(bytes - 2 * KILOBYTE) }
      await writer.apply({ value })
      await reader.pullAll()
      checkHolds(reader.value(value.id), value, 'A document under maxDocumentBytes must be carried whole.')
    },
  },
  {
    id: 'document-too-large',
    title: 'a document over the limit is rejected by its outcome, and spares the rest of the push',
    requires: ['reachable maxDocumentBytes'],
    async run(t) {
      const client = await t.client()
      const [before, after] = t.make.documents(2)
      if (!before || !after) return
      const large = client.mutation({ value: tooLarge(t) })
      const outcomes = await client
        .push(client.mutation({ value: before }), large, client.mutation({ value: after }))
        .catch((error) => fail(`${NOT_THROWN}\n  received: ${String(error)}`))
      const { reason } = expectKind(outcomes[1], 'rejected', NOT_THROWN)
      checkEqual(
        reason,
        'too_large',
        'The reason of a document over maxDocumentBytes is `too_large` at every remote: programs look for that word.',
      )
      checkKinds(
        outcomes,
        ['applied', 'rejected', 'applied'],
        'One document that is too large must not fail the others.',
      )
    },
  },
  {
    id: 'rejected-again',
    title: 'what was rejected is rejected again, and leaves nothing behind',
    requires: ['reachable maxDocumentBytes'],
    async run(t) {
      const client = await t.client()
      const large = client.mutation({ value: tooLarge(t) })
      for (let round = 0; round < 2; round++)
        checkKinds(
          await client.push(large),
          ['rejected'],
          'A rejected mutation took no effect: its id must not be kept among those that did, or it comes back as a duplicate and is taken for stored.',
        )
      checkEqual(await client.pullAll(), [], 'A rejected mutation must leave nothing in the feed.')
      await client.apply({ value: { id: large.documentId, title: 'smaller' } })
    },
  },
  {
    id: 'limit-in-bytes',
    title: 'the limit counts UTF-8 bytes, not characters',
    requires: ['reachable maxDocumentBytes'],
    async run(t) {
      const client = await t.client()
      const { maxDocumentBytes } = client.store.capabilities
      const value = { id: t.make.uuid(), body: '中'.repeat(Math.ceil(maxDocumentBytes / 3) + 1) }
      const [outcome] = await client.push(client.mutation({ value }))
      expectKind(outcome, 'rejected', 'Measure the UTF-8 bytes of the JSON: a character can take four.')
    },
  },
  {
    id: 'document-limit-far',
    title: 'where the declared limit is large, a document of eight megabytes is carried whole',
    requires: ['no reachable maxDocumentBytes'],
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), body: 'x'.repeat(8 * KILOBYTE * KILOBYTE) }
      await writer.apply({ value })
      await reader.pullAll()
      checkHolds(reader.value(value.id), value, 'A document under maxDocumentBytes must be carried whole.')
    },
  },
  {
    id: 'full-batch-bytes',
    title: 'a push of nearly maxBatchBytes is taken',
    requires: ['reachable maxBatchBytes'],
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const { maxBatch, maxBatchBytes, maxDocumentBytes } = writer.store.capabilities
      // Each takes its part of the push, with room for the mutation around its value.
      const size = Math.min(maxDocumentBytes, KILOBYTE * KILOBYTE) - 2 * KILOBYTE
      const count = Math.min(maxBatch, Math.floor(maxBatchBytes / (size + KILOBYTE)))
      const values = Array.from({ length: count }, () => ({ id: t.make.uuid(), body: 'x'.repeat(size) }))
      await writer
        .applyAll(values.map((value) => writer.mutation({ value })))
        .catch((error) => fail(`${TAKEN_WHOLE}\n  received: ${String(error)}`))
      await reader.pullAll({ limit: 100 })
      for (const value of values) checkHolds(reader.value(value.id), value, TAKEN_WHOLE)
    },
  },
  {
    id: 'batch-bytes-far',
    title: 'where no push that a test can make is too large, one of four megabytes is taken',
    requires: ['no reachable maxBatchBytes'],
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const size = Math.min(writer.store.capabilities.maxDocumentBytes, KILOBYTE * KILOBYTE) - 2 * KILOBYTE
      const count = Math.ceil((4 * KILOBYTE * KILOBYTE) / size)
      const values = Array.from({ length: count }, () => ({ id: t.make.uuid(), body: 'x'.repeat(size) }))
      await writer.applyAll(values.map((value) => writer.mutation({ value })))
      await reader.pullAll({ limit: 100 })
      checkEqual(reader.seen.size, count, 'A push under maxBatchBytes must be taken whole.')
    },
  },
  {
    id: 'full-batch',
    title: 'a push of maxBatch mutations is taken',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const documents = t.make.documents(Math.min(writer.store.capabilities.maxBatch, 1_000))
      await writer.applyAll(documents.map((value) => writer.mutation({ value })))
      await reader.pullAll({ limit: 100 })
      checkEqual(reader.seen.size, documents.length, 'A push of the declared size must be taken whole.')
    },
  },
  {
    id: 'one-at-a-time',
    title: 'a remote that takes one mutation a push takes one after the other',
    requires: ['no batches'],
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      const base = await writer.apply({ value })
      await writer.apply({ value: { ...value, title: 'y' }, base })
      const [outcome] = await writer.push(base)
      expectKind(outcome, 'duplicate', 'A mutation takes effect once, also where each has a push of its own.')
      await reader.pullAll()
      checkHolds(reader.value(value.id), { ...value, title: 'y' }, 'What was pushed alone must be there.')
    },
  },
  {
    id: 'empty-push',
    title: 'a push of nothing answers nothing',
    async run(t) {
      const client = await t.client()
      checkEqual(await client.pushOnce([]), [], 'No mutation, no outcome.')
    },
  },
  {
    id: 'many-documents',
    title: 'twelve hundred documents are pulled whole, whatever caps the platform puts on rows',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const documents = t.make.documents(1_200)
      await writer.applyAll(documents.map((value) => writer.mutation({ value })))
      await reader.pullAll({ limit: 2_000 })
      checkEqual(
        reader.seen.size,
        1_200,
        'A platform may cut a result without a word: never take a short page for the last one.',
      )
    },
  },
]

function tooLarge({ make, harness }: RemoteTest) {
  return { id: make.uuid(), body: 'x'.repeat(harness.capabilities.maxDocumentBytes + 1) }
}
