import { check, checkEqual } from '../suite/check.ts'
import { checkKinds } from './expectations.ts'
import type { RemoteCase } from './remote-case.ts'

export const groupCases: readonly RemoteCase[] = [
  {
    id: 'group-applied',
    title: 'a group whose mutations all fit is applied whole, over two collections',
    requires: ['atomicGroups'],
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const group = t.make.hex(16)
      const [a, b, c] = t.make.documents(3)
      if (!a || !b || !c) return
      const base = await writer.apply({ value: c })
      const mutations = [
        writer.mutation({ value: a, group }),
        writer.mutation({ value: b, collection: 'tasks', group }),
        writer.mutation({ documentId: c.id, base, group }),
      ]
      await writer.applyAll(mutations)
      await reader.pullAll()
      check(
        reader.value(c.id) === null &&
          reader.version(a.id) !== undefined &&
          reader.version(b.id, 'tasks') !== undefined,
        'All mutations of an applied group must be there.',
      )
      checkKinds(
        await writer.push(...mutations),
        ['duplicate', 'duplicate', 'duplicate'],
        'A group that is sent again is a duplicate, mutation by mutation.',
      )
    },
  },
  {
    id: 'group-all-or-nothing',
    title: 'a group with one conflict changes nothing at all, and spares what is not in it',
    requires: ['atomicGroups'],
    async run(t) {
      const client = await t.client()
      const group = t.make.hex(16)
      const [a, b, c, alone] = t.make.documents(4)
      if (!a || !b || !c || !alone) return
      const base = await client.apply({ value: b })
      await client.apply({ value: { ...b, title: 'newer' }, base })
      const outcomes = await client.pushOnce([
        client.mutation({ value: a, group }),
        client.mutation({ value: { ...b, title: 'stale' }, base, group }),
        client.mutation({ value: alone }),
        client.mutation({ value: c, group }),
      ])
      const [first, second, other, last] = outcomes.map(({ kind }) => kind)
      checkEqual(second, 'conflict', 'The mutation that is at fault says so.')
      check(
        first !== 'applied' && last !== 'applied',
        `No other mutation of its group may be \`applied\`: answer \`retry\`. Received: ${first}, ${last}`,
      )
      check(
        other === 'applied' || other === 'retry',
        `A mutation outside the group is decided by itself. Received: ${other}`,
      )
      await client.pullAll()
      check(
        client.version(a.id) === undefined && client.version(c.id) === undefined,
        'A part of a failed group took effect: one transaction or savepoint for the group, rolled back as a whole.',
      )
    },
  },
  {
    id: 'group-refused',
    title: 'a group with one mutation that is rejected changes nothing at all',
    requires: ['atomicGroups'],
    async run(t) {
      const client = await t.client()
      const group = t.make.hex(16)
      const [a, b, c] = t.make.documents(3)
      if (!a || !b || !c) return
      const base = await client.apply({ value: b })
      const refused = client.mutation({ value: { ...b, title: 'refused' }, base, hlc: 'yesterday', group })
      const first = client.mutation({ value: a, group })
      const last = client.mutation({ value: c, group })
      const kinds = (await client.pushOnce([first, refused, last])).map(({ kind }) => kind)
      checkEqual(kinds[1], 'rejected', 'The mutation that is at fault says so.')
      check(
        kinds[0] !== 'applied' && kinds[2] !== 'applied',
        `No other mutation of its group may be \`applied\`: answer \`retry\`. Received: ${kinds.join(', ')}`,
      )
      await client.pullAll()
      check(
        client.version(a.id) === undefined && client.version(c.id) === undefined,
        'A part of a refused group took effect: decide every member before the first is written.',
      )
      checkKinds(
        await client.push({ ...first, group: t.make.hex(16) }),
        ['applied'],
        'What fell with its group can be sent again without it.',
      )
    },
  },
  {
    id: 'group-resent-in-part',
    title:
      'of a group that took effect and is sent again, what stands is a duplicate, though the rest is in conflict',
    requires: ['atomicGroups'],
    async run(t) {
      const client = await t.client()
      const group = t.make.hex(16)
      const [a, b, c, d] = t.make.documents(4)
      if (!a || !b || !c || !d) return
      const first = client.mutation({ value: a, group })
      const last = client.mutation({ value: c, group })
      await client.applyAll([first, last])
      const base = await client.apply({ value: b })
      await client.apply({ value: { ...b, title: 'newer' }, base })
      // As where the remote forgot that one of its members took effect.
      const lost = client.mutation({ value: { ...b, title: 'lost' }, base, group })
      const fresh = client.mutation({ value: d, group })
      const [before, fault, unmade, after] = (await client.pushOnce([first, lost, fresh, last])).map(
        ({ kind }) => kind,
      )
      checkEqual(fault, 'conflict', 'The mutation that is at fault says so.')
      check(unmade !== 'applied', `No other mutation of its group may be \`applied\`. Received: ${unmade}`)
      checkEqual(
        [before, after],
        ['duplicate', 'duplicate'],
        'Only what would have been `applied` becomes `retry`: whoever hears `retry` takes the mutation back, though it stands.',
      )
      await client.pullAll()
      check(client.version(d.id) === undefined, 'A part of a failed group took effect.')
    },
  },
  {
    id: 'group-undeclared',
    title: 'where groups of three are not declared, each mutation of one is decided by itself',
    requires: ['no atomicGroups'],
    async run(t) {
      const client = await t.client()
      const group = t.make.hex(16)
      const [a, b, c] = t.make.documents(3)
      if (!a || !b || !c) return
      await client.apply({ value: b })
      const outcomes = await client.push(
        client.mutation({ value: a, group }),
        client.mutation({ value: { ...b, title: 'stale' }, group }),
        client.mutation({ value: c, group }),
      )
      checkKinds(
        outcomes,
        ['applied', 'conflict', 'applied'],
        'atomicGroups: 0 means that `group` is ignored, not that its mutations are refused.',
      )
    },
  },
  {
    id: 'group-independent',
    title: 'two groups in one push stand or fall each by itself',
    requires: ['atomicGroups'],
    async run(t) {
      const client = await t.client()
      const [good, bad] = [t.make.hex(16), t.make.hex(16)]
      const [a, b, c, d] = t.make.documents(4)
      if (!a || !b || !c || !d) return
      await client.apply({ value: d })
      const mutations = [
        client.mutation({ value: a, group: good }),
        client.mutation({ value: c, group: bad }),
        client.mutation({ value: b, group: good }),
        client.mutation({ value: d, group: bad }),
      ]
      await client.pushOnce(mutations)
      await client.push(...mutations.filter(({ group }) => group === good))
      await client.pullAll()
      check(
        client.version(a.id) !== undefined && client.version(b.id) !== undefined,
        'The good group must take effect, also beside a bad one.',
      )
      check(client.version(c.id) === undefined, 'The bad group must change nothing.')
    },
  },
]
