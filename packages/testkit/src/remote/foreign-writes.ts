import { formatHlc, isHlc, successorOf } from '@holdfast/core'
import { check, checkEqual } from '../suite/check.ts'
import { checkHolds, expectKind, expectOne } from './expectations.ts'
import type { RemoteCase } from './remote-case.ts'

export const foreignWriteCases: readonly RemoteCase[] = [
  {
    id: 'foreign-insert',
    title: 'a document that another program inserts is in the feed, with a rev and an hlc',
    requires: ['foreign'],
    async run(t) {
      const client = await t.client()
      await client.pullAll()
      const value = { id: t.make.uuid(), title: 'foreign' }
      await t.harness.foreign?.write(t.space(), 'notes', value)
      const change = expectOne(await client.pullAll(), 'A write by another program makes one change.')
      check(
        change.rev.length > 0 && isHlc(change.hlc),
        'Every write is stamped with a rev and an hlc, also one around the protocol.',
      )
      checkHolds(client.value(value.id), value, 'The value of a foreign write must come.')
    },
  },
  {
    id: 'foreign-update',
    title: 'a foreign update gets a new rev, a later hlc, and makes the old base stale',
    requires: ['foreign'],
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'ours' }
      const base = await client.apply({ value })
      await client.pullAll()
      const foreign = { ...value, title: 'foreign' }
      await t.harness.foreign?.write(t.space(), 'notes', foreign)
      const [outcome] = await client.push(client.mutation({ value: { ...value, title: 'stale' }, base }))
      const { current } = expectKind(
        outcome,
        'conflict',
        'A foreign write changes the rev, so that compare-and-set catches it.',
      )
      checkHolds(current?.value, foreign, 'The conflict carries the foreign value.')
      await client.pullAll()
      const version = client.version(value.id)
      check(
        version !== undefined && version.rev !== base.id && version.hlc > base.hlc,
        'A foreign version has a rev of its own and an hlc after the version that it replaced, whatever the clocks say.',
      )
    },
  },
  {
    id: 'foreign-after-fast-clock',
    title: 'a foreign write on a version whose clock ran ahead still gets a later hlc',
    requires: ['foreign'],
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'ours' }
      const hlc = formatHlc({ wall: Date.now() + 3_600_000, counter: 0, replica: client.replica })
      await client.apply({ value, hlc })
      await t.harness.foreign?.write(t.space(), 'notes', { ...value, title: 'foreign' })
      await client.pullAll()
      const version = client.version(value.id)
      check(
        version !== undefined && version.hlc > hlc,
        "Stamp a foreign write with the later of the server's clock and the successor of the hlc that it replaces.",
      )
      await client.apply({
        value: { ...value, title: 'again' },
        base: version,
        hlc: successorOf(version.hlc, client.replica),
      })
    },
  },
  {
    id: 'foreign-keeps-recent',
    title: 'a mutation sent again after a foreign write is still a duplicate',
    requires: ['foreign'],
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'ours' }
      const mutation = await client.apply({ value })
      await t.harness.foreign?.write(t.space(), 'notes', { ...value, title: 'foreign' })
      const [outcome] = await client.push(mutation)
      expectKind(outcome, 'duplicate', 'A foreign write keeps `recent`.')
    },
  },
  {
    id: 'foreign-is-not-own',
    title: 'a foreign write on top of an own version is never left out as own',
    requires: ['foreign'],
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'ours' }
      await client.apply({ value })
      await client.pullAll()
      await t.harness.foreign?.write(t.space(), 'notes', { ...value, title: 'foreign' })
      const change = expectOne(await client.pullAll(), 'One foreign write, one change.')
      checkEqual(change.own, undefined, 'The replica has never seen this value: send it.')
    },
  },
  {
    id: 'foreign-delete',
    title: 'a foreign delete leaves a tombstone that stops stale writes',
    requires: ['foreign'],
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'ours' }
      const base = await client.apply({ value })
      await client.pullAll()
      await t.harness.foreign?.delete(t.space(), 'notes', value.id)
      await client.pullAll()
      const tombstone = client.version(value.id)
      check(
        tombstone?.value === null && tombstone.rev !== base.id && tombstone.hlc > base.hlc,
        'A foreign delete is a tombstone in the feed, with a rev of its own and an hlc after the version that it deleted.',
      )
      const [outcome] = await client.push(client.mutation({ value: { ...value, title: 'stale' }, base }))
      const { current } = expectKind(
        outcome,
        'conflict',
        'An edit of what another program deleted is a conflict with its tombstone.',
      )
      checkEqual([current?.rev, current?.value], [tombstone.rev, null], 'The conflict carries the tombstone.')
    },
  },
  {
    id: 'foreign-reinsert',
    title: 'a foreign insert after a delete stands again, after the tombstone',
    requires: ['foreign'],
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'ours' }
      const base = await client.apply({ value })
      const tombstone = await client.apply({ documentId: value.id, base })
      await client.pullAll()
      const again = { ...value, title: 'again' }
      await t.harness.foreign?.write(t.space(), 'notes', again)
      await client.pullAll()
      checkHolds(client.value(value.id), again, 'The document stands again.')
      check((client.version(value.id)?.hlc ?? '') > tombstone.hlc, 'Its hlc is after that of the tombstone.')
    },
  },
]
