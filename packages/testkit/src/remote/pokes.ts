import { check, checkEqual } from '../suite/check.ts'
import type { RemoteCase } from './remote-case.ts'

export const pokeCases: readonly RemoteCase[] = [
  {
    id: 'poke',
    title: 'a subscriber is poked by a write, where declared',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      if (!reader.store.capabilities.pokes) return
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
    title: 'where pokes are not declared, a pull finds what was written all the same',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const { pokes } = reader.store.capabilities
      checkEqual(
        typeof reader.store.subscribe,
        pokes ? 'function' : 'undefined',
        'Declare `pokes` exactly where `subscribe` is there: core asks for no other sign.',
      )
      const value = { id: t.make.uuid(), title: 'x' }
      await reader.pullAll()
      await writer.apply({ value })
      checkEqual(
        (await reader.pullAll()).map(({ id }) => id),
        [value.id],
        'A poke is a hint. A pull without one misses nothing.',
      )
    },
  },
  {
    id: 'poke-stops',
    title: 'a subscription that was ended is poked no more, and another still is',
    async run(t) {
      const [writer, one, two] = [await t.client(), await t.client(), await t.client()]
      if (!one.store.capabilities.pokes) return
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
