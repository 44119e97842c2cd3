import type { PullPage, RemoteChange, RemoteStore } from '@holdfast/core'
import { onPage } from './feed-parts.ts'
import type { Mutant } from './mutant.ts'

/** One statement of the contract each. */
export const contrary: readonly Mutant<RemoteStore>[] = [
  {
    caughtBy: 'pull-nothing-new',
    fault: 'gives the last change again and again',
    mutate: (remote) => {
      let last: readonly RemoteChange[] = []
      return {
        async pull(request) {
          const page = await remote.pull(request)
          const asked = last.filter(({ collection }) => Object.hasOwn(request.checkpoints, collection))
          if (page.changes.length > 0) last = page.changes.slice(-1)
          return { ...page, changes: page.changes.length > 0 ? page.changes : asked }
        },
      }
    },
  },
  {
    caughtBy: 'checkpoint-monotonic',
    fault: 'steps one place back with every second page',
    mutate: (remote) => {
      let pages = 0
      return {
        async pull(request) {
          const page = await remote.pull(request)
          pages += 1
          if (!page.hasMore || pages % 2 === 1) return page
          const back = Object.entries(page.checkpoints).map(([name, text]) => [
            name,
            String(Math.max(0, Number(text) - 4)),
          ])
          return { ...page, checkpoints: Object.fromEntries(back) }
        },
      }
    },
  },
  {
    caughtBy: 'superseded',
    fault: 'gives an old version again after a newer one',
    mutate: (remote) => {
      const oldest = new Map<string, RemoteChange>()
      return {
        async push(request) {
          const answer = await remote.push(request)
          for (const { id: rev, hlc, collection, documentId: id, value } of request.mutations)
            if (!oldest.has(id)) oldest.set(id, { collection, id, rev, hlc, value })
          everywhere.set(request.replica, oldest)
          return answer
        },
        async pull(request) {
          const page = await remote.pull(request)
          const stale = page.changes.flatMap(({ id, rev }) => {
            const first = [...everywhere.values()].map((known) => known.get(id)).find((known) => known)
            return first === undefined || first.rev === rev ? [] : [first]
          })
          return { ...page, changes: [...page.changes, ...stale] }
        },
      }
    },
    others: 28,
  },
  {
    caughtBy: 'one-collection-null',
    fault: 'reads all collections from one position',
    mutate: (remote) => ({
      pull(request) {
        const known = Object.values(request.checkpoints).find((checkpoint) => checkpoint !== null) ?? null
        return remote.pull({
          ...request,
          checkpoints: Object.fromEntries(Object.keys(request.checkpoints).map((name) => [name, known])),
        })
      },
    }),
  },
  {
    caughtBy: 'own-never-at-null',
    fault: 'leaves own values out from the beginning',
    mutate: onPage((page, { replica }) => ({
      ...page,
      changes: page.changes.map((change) =>
        change.hlc.endsWith(replica) && change.value !== null
          ? { ...change, value: null, own: true as const }
          : change,
      ),
    })),
    others: 18,
  },
  {
    caughtBy: 'own-revisions',
    fault: 'leaves own revisions out altogether',
    mutate: onPage((page) => ({ ...page, changes: page.changes.filter(({ own }) => own === undefined) })),
  },
  {
    caughtBy: 'own-in-mixed-pages',
    fault: 'leaves out what the asking replica created, whoever edited it since',
    says: /never by who made an earlier one/,
    mutate: (remote) => {
      const mine = new Set<string>()
      return {
        push(request) {
          for (const { documentId, base } of request.mutations) if (base === null) mine.add(documentId)
          return remote.push(request)
        },
        async pull(request) {
          const page = await remote.pull(request)
          const changes = page.changes.map((change) =>
            request.checkpoints[change.collection] !== null && mine.has(change.id) && change.value !== null
              ? { ...change, value: null, own: true as const }
              : change,
          )
          return { ...page, changes }
        },
      }
    },
  },
  {
    caughtBy: 'origin-stable',
    fault: 'names each client another epoch',
    mutate: (remote) => {
      const epoch = String(Math.random())
      let real: PullPage['origin'] | null = null
      return {
        async pull(request) {
          const origin = request.origin?.epoch === epoch ? real : request.origin
          const page = await remote.pull({ ...request, origin })
          real = page.origin
          return { ...page, origin: { ...page.origin, epoch } }
        },
      }
    },
  },
  {
    caughtBy: 'other-origin-resets',
    fault: 'never looks at the origin of a checkpoint',
    mutate: (remote) => {
      let origin: PullPage['origin'] | null = null
      return {
        async pull(request) {
          origin ??= (await remote.pull({ ...request, checkpoints: {} })).origin
          return remote.pull({ ...request, origin })
        },
      }
    },
  },
  {
    caughtBy: 'unknown-checkpoint',
    fault: 'takes a checkpoint that it cannot read for the end of the feed',
    says: /would wait for ever/,
    mutate: (remote) => ({
      pull: (request) =>
        remote.pull({
          ...request,
          checkpoints: Object.fromEntries(
            Object.entries(request.checkpoints).map(([name, text]) => [
              name,
              text === null || /^\d+$/.test(text) ? text : '999999',
            ]),
          ),
        }),
    }),
  },
  {
    caughtBy: 'poke-undeclared',
    fault: 'has a subscribe that it does not declare',
    mutate: (remote) => ({ capabilities: { ...remote.capabilities, pokes: false } }),
  },
  {
    caughtBy: 'poke-stops',
    fault: 'ends every subscription with the first',
    mutate: (remote) => ({
      subscribe(poke) {
        subscribers.add(poke)
        const stop = remote.subscribe?.(() => {
          if (subscribers.has(poke)) poke()
        })
        return () => {
          subscribers.clear()
          stop?.()
        }
      },
    }),
  },
]

const subscribers = new Set<() => void>()
const everywhere = new Map<string, Map<string, RemoteChange>>()
