import { check, checkEqual, fail } from '../suite/check.ts'
import { checkHolds, checkKinds, expectKind } from './expectations.ts'
import type { RemoteCase } from './remote-case.ts'

const KILOBYTE = 1024
const NOT_THROWN =
  'A document over maxDocumentBytes is `rejected` by its outcome, not thrown: a throw would block everything behind it for ever.'

export const limitCases: readonly RemoteCase[] = [
  {
    id: 'declared',
    title: 'the remote declares its version, name and limits',
    async run(t) {
      const { store } = await t.client()
      const { maxBatch, maxBatchBytes, maxDocumentBytes, atomicGroups, pokes } = store.capabilities
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
    async run(t) {
      const client = await t.client()
      const { maxDocumentBytes, maxBatch } = client.store.capabilities
      if (maxDocumentBytes > 16 * KILOBYTE * KILOBYTE) return
      const [before, after] = t.make.documents(2)
      if (!before || !after) return
      const large = client.mutation({ value: { id: t.make.uuid(), body: 'x'.repeat(maxDocumentBytes + 1) } })
      const all = [client.mutation({ value: before }), large, client.mutation({ value: after })]
      const outcomes = await client
        .push(...(maxBatch >= 3 ? all : [large]))
        .catch((error) => fail(`${NOT_THROWN}\n  received: ${String(error)}`))
      const { reason } = expectKind(outcomes[maxBatch >= 3 ? 1 : 0], 'rejected', NOT_THROWN)
      check(reason.length > 0, 'A rejection carries a reason, as a word for programs.')
      if (maxBatch >= 3)
        checkKinds(
          outcomes,
          ['applied', 'rejected', 'applied'],
          'One document that is too large must not fail the others.',
        )
    },
  },
  {
    id: 'limit-in-bytes',
    title: 'the limit counts UTF-8 bytes, not characters',
    async run(t) {
      const client = await t.client()
      const { maxDocumentBytes } = client.store.capabilities
      if (maxDocumentBytes > 16 * KILOBYTE * KILOBYTE) return
      const value = { id: t.make.uuid(), body: '中'.repeat(Math.ceil(maxDocumentBytes / 3) + 1) }
      const [outcome] = await client.push(client.mutation({ value }))
      expectKind(outcome, 'rejected', 'Measure the UTF-8 bytes of the JSON: a character can take four.')
    },
  },
  {
    id: 'full-batch',
    title: 'a push of maxBatch mutations is taken',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const documents = t.make.documents(Math.min(writer.store.capabilities.maxBatch, 500))
      await writer.applyAll(documents.map((value) => writer.mutation({ value })))
      await reader.pullAll({ limit: 100 })
      checkEqual(reader.seen.size, documents.length, 'A push of the declared size must be taken whole.')
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
