import { check, checkEqual } from '../suite/check.ts'
import { checkHolds, checkKinds, expectKind } from './expectations.ts'
import type { RemoteCase } from './remote-case.ts'

export const compareAndSetCases: readonly RemoteCase[] = [
  {
    id: 'create',
    title: 'a create on nothing is applied, and others pull it with its rev and hlc',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'first' }
      const made = await writer.apply({ value })
      await reader.pullAll()
      const version = reader.version(value.id)
      checkEqual(
        [version?.rev, version?.hlc],
        [made.id, made.hlc],
        'Store rev and hlc with the document, and return them as they were sent.',
      )
      checkHolds(version?.value, value, 'What was created must be pulled.')
    },
  },
  {
    id: 'create-existing',
    title: 'a create where a document stands is a conflict that carries it',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'first' }
      const made = await one.apply({ value })
      const [outcome] = await two.push(two.mutation({ value: { ...value, title: 'second' } }))
      const { current } = expectKind(outcome, 'conflict', 'base null means: there must be no document.')
      checkEqual([current?.rev, current?.hlc], [made.id, made.hlc], 'A conflict carries the current version.')
      checkHolds(current?.value, value, 'A conflict must carry what stands, and change nothing.')
    },
  },
  {
    id: 'update',
    title: 'an update on the current rev is applied',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'first', count: 1 }
      const base = await writer.apply({ value })
      const after = { ...value, title: 'second' }
      const made = await writer.apply({ value: after, base })
      await reader.pullAll()
      checkEqual(reader.version(value.id)?.rev, made.id, 'After an update the document has the new rev.')
      checkHolds(reader.value(value.id), after, 'After an update the document has the new value.')
    },
  },
  {
    id: 'update-stale',
    title: 'an update on an old rev is a conflict and changes nothing',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'first' }
      const base = await one.apply({ value })
      const second = { ...value, title: 'second' }
      const made = await one.apply({ value: second, base })
      const [outcome] = await two.push(two.mutation({ value: { ...value, title: 'stale' }, base }))
      const { current } = expectKind(
        outcome,
        'conflict',
        'Compare base with the current rev, in the transaction that writes. Where the condition is part of the write, zero rows touched is a conflict, never success.',
      )
      checkEqual(current?.rev, made.id, 'A conflict carries the current version.')
      check(
        current?.recent.includes(base.id) === true,
        '`recent` must hold the ids of the last mutations, the current one and those before it.',
      )
      await two.pullAll()
      checkHolds(two.value(value.id), second, 'A conflicting mutation must change nothing.')
    },
  },
  {
    id: 'conflict-then-rebase',
    title: 'what a conflict carries can be built upon',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'first', count: 1 }
      const base = await one.apply({ value })
      await one.apply({ value: { ...value, count: 2 }, base })
      const [outcome] = await two.push(two.mutation({ value: { ...value, title: 'mine' }, base }))
      const { current } = expectKind(outcome, 'conflict', 'The base is not current any more.')
      check(
        current?.value !== null && current?.value !== undefined,
        'A conflict carries the whole current version, so that a client can merge without another pull.',
      )
      const merged = { ...value, count: 2, title: 'mine' }
      const made = await two.apply({ value: merged, base: current })
      await one.pullAll()
      checkEqual(one.version(value.id)?.rev, made.id, 'The merged version stands.')
      checkHolds(one.value(value.id), merged, 'The merged version stands.')
    },
  },
  {
    id: 'update-newer-hlc-is-no-excuse',
    title: 'a later timestamp does not win over a base that is not current',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'first' }
      await one.apply({ value })
      const [outcome] = await two.push(
        two.mutation({ value: { ...value, title: 'x' }, base: { rev: t.make.hex(34) } }),
      )
      expectKind(outcome, 'conflict', 'Only the base decides: a remote never takes the newer timestamp.')
    },
  },
  {
    id: 'update-absent',
    title: 'an update of a document that is not there makes none',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x' }
      const [outcome] = await client.push(client.mutation({ value, base: { rev: t.make.hex(34) } }))
      if (outcome?.kind !== 'rejected') {
        const { current } = expectKind(
          outcome,
          'conflict',
          'An update on nothing is a conflict without a version, or rejected where absent and invisible cannot be told apart: zero rows touched is never success.',
        )
        checkEqual(current, null, 'There is no version: the conflict carries null.')
      }
      await client.pullAll()
      check((client.value(value.id) ?? null) === null, 'An update must not create a document.')
    },
  },
  {
    id: 'hlc-rule',
    title: 'a mutation whose hlc is not after that of its base meets a conflict',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x' }
      const early = t.make.hlc(client.replica)
      const base = await client.apply({ value })
      for (const hlc of [early, base.hlc]) {
        const [outcome] = await client.push(client.mutation({ value: { ...value, title: 'y' }, base, hlc }))
        const { current } = expectKind(
          outcome,
          'conflict',
          'Along the versions of a document hlc strictly increases: what would break it is a conflict.',
        )
        checkEqual(current?.hlc, base.hlc, 'The conflict carries the current version, and so its hlc.')
      }
      await client.pullAll()
      checkEqual(client.version(value.id)?.rev, base.id, 'What met a conflict must change nothing.')
    },
  },
  {
    id: 'hlc-malformed',
    title: 'a mutation whose hlc is no timestamp is rejected',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x' }
      const [outcome] = await client.push(client.mutation({ value, hlc: 'yesterday' }))
      const { reason } = expectKind(
        outcome,
        'rejected',
        'A timestamp that is no HLC would sort anywhere among the versions: check it with `isHlc`.',
      )
      check(reason.length > 0, 'A rejection carries a reason, as a word for programs.')
      checkEqual(await client.pullAll(), [], 'A rejected mutation must leave nothing in the feed.')
    },
  },
  {
    id: 'hlc-rule-on-tombstone',
    title: 'a create on a tombstone whose hlc is not after that of the tombstone meets a conflict',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x' }
      const early = t.make.hlc(client.replica)
      const created = await client.apply({ value })
      const base = await client.apply({ documentId: value.id, base: created })
      const [outcome] = await client.push(client.mutation({ value, base, hlc: early }))
      expectKind(
        outcome,
        'conflict',
        'A tombstone is a version like any other: its hlc must be exceeded too.',
      )
      await client.pullAll()
      checkEqual(client.version(value.id)?.rev, base.id, 'What met a conflict must change nothing.')
    },
  },
  {
    id: 'concurrent-creates',
    title: 'sixteen creates of one document at once: one applied, fifteen conflicts',
    async run(t) {
      const clients = await Promise.all(Array.from({ length: 16 }, () => t.client()))
      // All know as much as the first: none is late because it still has to read.
      await Promise.all(clients.map((client) => client.pullAll()))
      const id = t.make.uuid()
      const outcomes = await Promise.all(
        clients.map(async (client, i) => {
          const [outcome] = await client.push(client.mutation({ value: { id, title: `by ${i}` } }))
          return outcome?.kind
        }),
      )
      checkEqual(
        outcomes.sort(),
        ['applied', ...Array(15).fill('conflict')],
        'That nothing stands must be checked in the transaction that creates (a unique key, attribute_not_exists), or two creates both win.',
      )
    },
  },
  {
    id: 'outcome-order',
    title: 'outcomes come in the order of the mutations, one bad among good',
    async run(t) {
      const client = await t.client()
      const [a, b, c, d] = t.make.documents(4)
      if (!a || !b || !c || !d) return
      const base = await client.apply({ value: c })
      const outcomes = await client.push(
        client.mutation({ value: d }),
        client.mutation({ value: { ...c, title: 'stale' } }),
        client.mutation({ value: a }),
        client.mutation({ value: { ...c, title: 'new' }, base }),
        client.mutation({ value: b, collection: 'tasks' }),
      )
      checkKinds(
        outcomes,
        ['applied', 'conflict', 'applied', 'applied', 'applied'],
        'Each mutation has its own outcome, at its own place: one that fails neither stops nor shifts the others.',
      )
    },
  },
  {
    id: 'same-document-twice',
    title: 'two mutations of one document in one push take effect in order, or the second is not applied',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'one' }
      const first = client.mutation({ value })
      const second = client.mutation({ value: { ...value, title: 'two' }, base: first })
      checkKinds(
        await client.push(first, second),
        ['applied', 'applied'],
        'Apply in order, or answer `retry` for the second: it must come through in the end.',
      )
      await client.pullAll()
      checkEqual(client.version(value.id)?.rev, second.id, 'The later mutation is the current version.')
    },
  },
  {
    id: 'fields',
    title: 'a patch sets the fields that it names, and removes those that its value lacks',
    async run(t) {
      const [client, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x', body: 'text', count: 1, tags: ['a'] }
      const base = await client.apply({ value })
      const { body: _, ...rest } = value
      const after = { ...rest, title: 'y' }
      await client.apply({ value: after, base, fields: ['title', 'body'] })
      await reader.pullAll()
      checkHolds(
        reader.value(value.id),
        after,
        'With `fields`, set those that the value has, remove those that it lacks, leave all others.',
      )
    },
  },
  {
    id: 'whole-value',
    title: 'without `fields`, the value replaces the whole document',
    async run(t) {
      const [client, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x', body: 'text', count: 1 }
      const base = await client.apply({ value })
      const after = { id: value.id, title: 'y' }
      await client.apply({ value: after, base })
      await reader.pullAll()
      checkHolds(reader.value(value.id), after, 'Without `fields`, fields that the value lacks are removed.')
    },
  },
]
