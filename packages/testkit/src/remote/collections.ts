import { check, checkEqual } from '../suite/check.ts'
import { checkHolds } from './expectations.ts'
import type { RemoteCase } from './remote-case.ts'

export const collectionCases: readonly RemoteCase[] = [
  {
    id: 'one-collection-null',
    title: 'a collection asked for from the beginning does not rewind another',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const [note, task, more] = t.make.documents(3)
      if (!note || !task || !more) return
      await writer.apply({ value: note })
      await writer.apply({ value: task, collection: 'tasks' })
      await reader.pullAll({ collections: ['notes'] })
      const changes = await reader.pullAll()
      checkEqual(
        changes.map(({ id }) => id),
        [task.id],
        'Each collection has a checkpoint of its own: null for one means nothing for another.',
      )
      await writer.apply({ value: more })
      checkEqual(
        (await reader.pullAll()).map(({ id }) => id),
        [more.id],
        'Both are at the end now.',
      )
    },
  },
  {
    id: 'one-collection-behind',
    title: 'collections at different positions are each read from their own',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const documents = t.make.documents(12)
      await reader.pullAll()
      await writer.applyAll(
        documents.map((value, i) => writer.mutation({ value, collection: i % 2 ? 'tasks' : 'notes' })),
      )
      await reader.pullAll({ collections: ['notes'], limit: 2 })
      const changes = await reader.pullAll({ limit: 2 })
      check(
        changes.every(({ collection }) => collection === 'tasks'),
        'What was pulled for one collection must not come again because another is behind.',
      )
      checkEqual(reader.seen.size, 12, 'Every document of both collections must be there.')
    },
  },
  {
    id: 'only-what-was-asked',
    title: 'a pull of one collection gives nothing of another',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const [note, task] = t.make.documents(2)
      if (!note || !task) return
      await writer.apply({ value: note })
      await writer.apply({ value: task, collection: 'tasks' })
      checkEqual(
        (await reader.pullAll({ collections: ['tasks'] })).map(({ id }) => id),
        [task.id],
        'Answer for the collections asked for.',
      )
      checkEqual(
        Object.keys(reader.checkpoints),
        ['tasks'],
        'Checkpoints come for the collections asked for.',
      )
    },
  },
  {
    id: 'same-id-in-two-collections',
    title: 'documents of one id in two collections are two documents',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const id = t.make.uuid()
      const base = await writer.apply({ value: { id, title: 'note' } })
      await writer.apply({ value: { id, title: 'task' }, collection: 'tasks' })
      await writer.apply({ documentId: id, base })
      await reader.pullAll()
      checkEqual(reader.value(id), null, 'The note was deleted.')
      checkHolds(reader.value(id, 'tasks'), { id, title: 'task' }, 'The task with the same id was not.')
    },
  },
  {
    id: 'spaces-apart',
    title: 'a client sees nothing of another space',
    async run(t) {
      const [one, two] = [await t.client(), await t.client({ space: 'other' })]
      const [mine, theirs] = t.make.documents(2)
      if (!mine || !theirs) return
      const base = await one.apply({ value: mine })
      await two.apply({ value: theirs })
      checkEqual(
        (await two.pullAll()).map(({ id }) => id),
        [theirs.id],
        'A pull gives the documents of its own space only.',
      )
      const [outcome] = await two.push(two.mutation({ value: { ...mine, title: 'stolen' }, base }))
      check(
        outcome?.kind === 'conflict' || outcome?.kind === 'rejected',
        `A push cannot reach into another space. Received: ${JSON.stringify(outcome)}`,
      )
      await one.pullAll()
      checkHolds(one.value(mine.id), mine, 'The document of the other space must be untouched.')
    },
  },
]
