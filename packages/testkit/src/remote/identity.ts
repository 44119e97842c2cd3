import { isHoldfastError } from '@holdfast/core'
import { check, checkEqual, checkFails } from '../suite/check.ts'
import { checkHolds } from './expectations.ts'
import type { RemoteCase } from './remote-case.ts'

export const identityCases: readonly RemoteCase[] = [
  {
    id: 'origin-stable',
    title: 'the origin is the same over calls, clients and writes',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      const first = (await one.pull()).origin
      await two.apply({ value: { id: t.make.uuid(), title: 'x' } })
      for (const client of [one, two, one]) {
        checkEqual(
          (await client.pull()).origin,
          first,
          'remote and epoch name the remote and its history: they do not change with time, client or content.',
        )
      }
    },
  },
  {
    id: 'other-origin-resets',
    title: 'checkpoints of another origin are ignored, by name, and the feed starts over',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      await writer.apply({ value })
      await writer.apply({ value: { id: t.make.uuid(), title: 'y' }, collection: 'tasks' })
      await reader.pullAll()
      const { origin } = reader
      if (origin === null) return
      for (const other of [
        { ...origin, epoch: `${origin.epoch}x` },
        { ...origin, remote: `${origin.remote}x` },
      ]) {
        const client = await t.client()
        Object.assign(client.checkpoints, reader.checkpoints)
        client.origin = other
        const page = await client.pull()
        checkEqual(
          [...(page.reset ?? [])].sort(),
          ['notes', 'tasks'],
          'When remote or epoch differs, every checkpoint is void: say so in `reset`.',
        )
        await client.pullAll()
        checkHolds(client.value(value.id), value, 'After a reset everything comes again.')
        checkEqual(page.origin, origin, 'The page says who answered.')
      }
    },
  },
  {
    id: 'new-epoch',
    title: 'after the epoch ended, clients start over and miss nothing',
    requires: ['endEpoch'],
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const [a, b] = t.make.documents(2)
      if (!a || !b) return
      const base = await writer.apply({ value: a })
      await writer.apply({ value: { id: t.make.uuid(), title: 'y' }, collection: 'tasks' })
      await reader.pullAll()
      const before = reader.origin
      await t.harness.endEpoch?.(t.space())
      await writer.apply({ value: b })
      const update = await writer.apply({ value: { ...a, title: 'changed' }, base })
      const page = await reader.pull()
      check(page.origin.epoch !== before?.epoch, 'A rewound history is another epoch.')
      checkEqual(
        [...(page.reset ?? [])].sort(),
        ['notes', 'tasks'],
        'Checkpoints of the old epoch are void: say so in `reset`.',
      )
      await reader.pullAll()
      checkEqual(
        [reader.version(a.id)?.rev, reader.version(b.id) !== undefined],
        [update.id, true],
        'Everything comes again.',
      )
    },
  },
  {
    id: 'unknown-checkpoint',
    title: 'a checkpoint that the remote did not make is an error or a reset, never an empty page',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x' }
      await writer.apply({ value })
      await reader.pull()
      for (const garbage of ['', 'garbage', '{"a":', '-1', 'NaN']) {
        reader.checkpoints.notes = garbage
        reader.seen.clear()
        try {
          const page = await reader.pull()
          check(
            page.reset?.includes('notes') === true,
            `The checkpoint "${garbage}" was taken without a word: a client with it would wait for ever.`,
          )
          await reader.pullAll()
          checkHolds(reader.value(value.id), value, 'After a reset everything comes again.')
        } catch (error) {
          check(
            isHoldfastError(error, 'protocol'),
            `A checkpoint that cannot be read is \`protocol\`, or a reset. Received: ${String(error)}`,
          )
        }
      }
    },
  },
  {
    id: 'aborted-before',
    title: 'a call whose signal has fired fails with aborted and does nothing',
    async run(t) {
      const client = await t.client()
      const signal = AbortSignal.abort()
      const value = { id: t.make.uuid(), title: 'x' }
      const pull = client.store.pull({
        checkpoints: { notes: null },
        origin: null,
        limit: 10,
        replica: client.replica,
        signal,
      })
      await checkFails(pull, 'aborted', 'A pull with a signal that has fired fails at once.')
      await checkFails(
        client.pushOnce([client.mutation({ value })], signal),
        'aborted',
        'A push with a signal that has fired fails at once.',
      )
      checkEqual(await client.pullAll(), [], 'A push that was aborted before it began must change nothing.')
    },
  },
  {
    id: 'aborted-during',
    title: 'a call that is aborted fails with aborted, and the same mutation can be sent again',
    async run(t) {
      const client = await t.client()
      const abort = new AbortController()
      const mutation = client.mutation({ value: { id: t.make.uuid(), title: 'x' } })
      const pushing = client.pushOnce([mutation], abort.signal)
      abort.abort()
      await checkFails(pushing, 'aborted', 'A call fails with `aborted` soon after its signal fires.')
      const [outcome] = await client.push(mutation)
      check(
        outcome?.kind === 'applied' || outcome?.kind === 'duplicate',
        `Whether it took effect or not, sending it again is right. Received: ${JSON.stringify(outcome)}`,
      )
      checkEqual((await client.pullAll()).length, 1, 'It took effect once.')
    },
  },
  {
    id: 'aborted-pull',
    title: 'a pull that is aborted fails with aborted, and the next one gives the same page',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const { documentId } = await writer.apply({ value: { id: t.make.uuid(), title: 'x' } })
      const abort = new AbortController()
      const pulling = reader.store.pull({
        checkpoints: { notes: null, tasks: null },
        origin: null,
        limit: 10,
        replica: reader.replica,
        signal: abort.signal,
      })
      abort.abort()
      await checkFails(pulling, 'aborted', 'A call fails with `aborted` soon after its signal fires.')
      checkEqual(
        (await reader.pullAll()).map(({ id }) => id),
        [documentId],
        'A remote keeps no position of a client: what an aborted pull read comes again.',
      )
    },
  },
  {
    id: 'abort-one-of-two',
    title: 'aborting one call leaves another alone',
    async run(t) {
      const client = await t.client()
      const abort = new AbortController()
      const doomed = client.mutation({ value: { id: t.make.uuid(), title: 'x' } })
      const kept = client.mutation({ value: { id: t.make.uuid(), title: 'y' } })
      const failing = client.pushOnce([doomed], abort.signal).catch(() => [])
      const keeping = client.push(kept)
      abort.abort()
      await failing
      const [outcome] = await keeping
      checkEqual(outcome?.kind, 'applied', 'Each call has a signal of its own.')
    },
  },
]
