import { check, checkEqual } from '../suite/check.ts'
import type { RemoteCase } from './remote-case.ts'

export const pokeCases: readonly RemoteCase[] = [
  {
    id: 'poke',
    title: 'a subscriber is poked by a write',
    requires: ['pokes'],
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const poked = Promise.withResolvers<void>()
      const stop = reader.store.subscribe?.(() => poked.resolve())
      // A poke may be missing: a subscription that is not ready yet hears nothing. So write until it does.
      const writing = (async () => {
        for (let i = 0; i < 50; i++) {
          await writer.apply({ value: { id: t.make.uuid(), title: 'x' } })
          const quiet = new Promise<'quiet'>((resolve) => setTimeout(resolve, 100, 'quiet'))
          if ((await Promise.race([poked.promise, quiet])) !== 'quiet') return true
        }
        return false
      })()
      check(
        await writing,
        'Fifty writes in five seconds gave no poke: `subscribe` must call back when something may have changed.',
      )
      stop?.()
    },
  },
  {
    id: 'poke-undeclared',
    title: 'where pokes are not declared there is no subscribe, and a pull finds what was written',
    requires: ['no pokes'],
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      check(
        reader.store.subscribe === undefined,
        'Declare `pokes` exactly where `subscribe` is there: core asks for no other sign.',
      )
      await reader.pullAll()
      const { documentId } = await writer.apply({ value: { id: t.make.uuid(), title: 'x' } })
      checkEqual(
        (await reader.pullAll()).map(({ id }) => id),
        [documentId],
        'Without pokes, a pull misses nothing.',
      )
    },
  },
  {
    id: 'poke-is-a-hint',
    title: 'who subscribes and never listens finds by a pull what was written',
    requires: ['pokes'],
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      await reader.pullAll()
      const stop = reader.store.subscribe?.(() => undefined)
      const { documentId } = await writer.apply({ value: { id: t.make.uuid(), title: 'x' } })
      checkEqual(
        (await reader.pullAll()).map(({ id }) => id),
        [documentId],
        'A poke is a hint and carries nothing. A pull without one misses nothing.',
      )
      stop?.()
    },
  },
  {
    id: 'poke-stops',
    title: 'a subscription that was ended is poked no more, and another still is',
    requires: ['pokes'],
    async run(t) {
      const [writer, one, two] = [await t.client(), await t.client(), await t.client()]
      const counts = { ended: 0, kept: 0 }
      const end = one.store.subscribe?.(() => {
        counts.ended += 1
      })
      const stop = two.store.subscribe?.(() => {
        counts.kept += 1
      })
      end?.()
      end?.()
      const before = counts.ended
      for (let i = 0; i < 50 && counts.kept < 2; i++) {
        await writer.apply({ value: { id: t.make.uuid(), title: 'x' } })
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      stop?.()
      check(counts.kept > 0, 'Ending one subscription, even twice, must not end another.')
      checkEqual(counts.ended, before, 'What `subscribe` returned must end the pokes.')
    },
  },
]
