import { check, checkEqual } from '../suite/check.ts'
import { checkHolds, expectKind } from './expectations.ts'
import type { RemoteCase } from './remote-case.ts'

export const tombstoneCases: readonly RemoteCase[] = [
  {
    id: 'delete',
    title: 'a delete on the current rev leaves a tombstone with rev and hlc',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      const base = await writer.apply({ value })
      await reader.pullAll()
      const made = await writer.apply({ documentId: value.id, base })
      const changes = await reader.pullAll()
      check(
        changes.some((change) => change.id === value.id && change.value === null && change.own !== true),
        'A delete must reach others as a change with value null.',
      )
      checkEqual(
        [reader.version(value.id)?.rev, reader.version(value.id)?.hlc],
        [made.id, made.hlc],
        'A tombstone carries the rev and hlc of the mutation that deleted.',
      )
    },
  },
  {
    id: 'delete-stale',
    title: 'a delete on an old rev is a conflict and deletes nothing',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      const base = await one.apply({ value })
      const second = { ...value, title: 'y' }
      await one.apply({ value: second, base })
      const [outcome] = await two.push(two.mutation({ documentId: value.id, base }))
      expectKind(
        outcome,
        'conflict',
        'A delete is compared with the current rev like any mutation; zero rows touched is a conflict, never success.',
      )
      await two.pullAll()
      checkHolds(two.value(value.id), second, 'A conflicting delete must delete nothing.')
    },
  },
  {
    id: 'delete-absent',
    title: 'a delete of what is not there makes no document, and does not throw',
    async run(t) {
      const client = await t.client()
      const documentId = t.make.uuid()
      const [based] = await client.push(client.mutation({ documentId, base: { rev: t.make.hex(34) } }))
      check(
        based?.kind === 'conflict' || based?.kind === 'rejected',
        `A delete on a base that is not there is a conflict without a version, or rejected. Received: ${JSON.stringify(based)}`,
      )
      await client.push(client.mutation({ documentId }))
      await client.pullAll()
      check((client.value(documentId) ?? null) === null, 'A delete must not create a document.')
    },
  },
  {
    id: 'create-on-tombstone',
    title: 'a create where a tombstone stands is a conflict that carries it',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x' }
      const base = await client.apply({ value })
      const tombstone = await client.apply({ documentId: value.id, base })
      const [outcome] = await client.push(client.mutation({ value }))
      const { current } = expectKind(
        outcome,
        'conflict',
        'base null means: neither a document nor its tombstone.',
      )
      checkEqual(
        [current?.rev, current?.value],
        [tombstone.id, null],
        'The conflict carries the tombstone: its rev, and value null.',
      )
    },
  },
  {
    id: 'recreate',
    title: "a create on the tombstone's rev brings the document back",
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      const base = await writer.apply({ value })
      const tombstone = await writer.apply({ documentId: value.id, base })
      await reader.pullAll()
      const again = { id: value.id, title: 'again' }
      const made = await writer.apply({ value: again, base: tombstone })
      await reader.pullAll()
      checkEqual(
        reader.version(value.id)?.rev,
        made.id,
        'The document stands again, with the new rev, and the tombstone must not come after it in the feed.',
      )
      checkHolds(reader.value(value.id), again, 'The document stands again, with the new value only.')
    },
  },
  {
    id: 'update-tombstone',
    title: 'an update on the rev before the delete is a conflict that carries the tombstone',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x' }
      const base = await client.apply({ value })
      const tombstone = await client.apply({ documentId: value.id, base })
      const [outcome] = await client.push(client.mutation({ value: { ...value, title: 'y' }, base }))
      const { current } = expectKind(
        outcome,
        'conflict',
        'A deleted document is not brought back by an edit that did not see the delete.',
      )
      checkEqual([current?.rev, current?.value], [tombstone.id, null], 'The conflict carries the tombstone.')
    },
  },
]
