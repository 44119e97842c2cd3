import { HoldfastError, type PullPage, type RemoteStore } from '@holdfast/core'
import { onPage, onWhole, sameFor } from './feed-parts.ts'
import type { LikelyMutant } from './mutant.ts'

/** What someone might really write. */
export const likely: readonly LikelyMutant<RemoteStore>[] = [
  {
    caughtBy: 'pages-while-writing',
    fault: 'pages by offset',
    says: /never by offset/,
    mutate: onWhole((all, request) => {
      const offset = Math.min(...Object.values(request.checkpoints).map((text) => Number(text ?? 0)))
      const changes = all.slice(offset, offset + request.limit)
      const end = offset + changes.length
      return { changes, checkpoints: sameFor(request, String(end)), hasMore: end < all.length }
    }),
    others: 15,
  },
  {
    caughtBy: 'feed-order',
    fault: 'takes the timestamp of a change for its place in the feed',
    says: /order the feed by commit, never by a timestamp/,
    mutate: onWhole((all, request) => {
      const last = Object.values(request.checkpoints).reduce<string>((least, text) => text ?? least, '')
      const due = all.filter(({ hlc }) => hlc > last).sort((a, b) => (a.hlc < b.hlc ? -1 : 1))
      const changes = due.slice(0, request.limit)
      return {
        changes,
        checkpoints: sameFor(request, changes.at(-1)?.hlc ?? last),
        hasMore: changes.length < due.length,
      }
    }),
  },
  {
    caughtBy: 'small-pages',
    fault: 'goes on after the millisecond of the last change',
    says: /A timestamp is no checkpoint/,
    mutate: onWhole((all, request) => {
      const last = Object.values(request.checkpoints).reduce<string>((least, text) => text ?? least, '')
      const due = all.filter(({ hlc }) => hlc.slice(0, 12) > last)
      const changes = due.slice(0, request.limit)
      return {
        changes,
        checkpoints: sameFor(request, changes.at(-1)?.hlc.slice(0, 12) ?? last),
        hasMore: changes.length < due.length,
      }
    }),
    others: 24,
  },
  {
    caughtBy: 'many-documents',
    fault: 'takes a page that the platform cut for the last one',
    says: /never take a short page for the last one/,
    mutate: (remote) => ({
      async pull(request) {
        const page = await remote.pull({ ...request, limit: Math.min(request.limit, 1_000) })
        return { ...page, hasMore: page.changes.length >= request.limit }
      },
    }),
  },
  {
    caughtBy: 'delete',
    fault: 'leaves tombstones out of the feed',
    says: /as a change with value null/,
    mutate: onPage((page) => ({
      ...page,
      changes: page.changes.filter(({ value, own }) => value !== null || own === true),
    })),
    others: 8,
  },
  {
    caughtBy: 'delete',
    fault: 'gives a tombstone a rev of its own',
    says: /carries the rev and hlc of the mutation that deleted/,
    mutate: onPage((page) => ({
      ...page,
      changes: page.changes.map((change) =>
        change.value === null && change.own === undefined ? { ...change, rev: `gone ${change.id}` } : change,
      ),
    })),
  },
  {
    caughtBy: 'page-size',
    fault: 'sends everything at once, whatever the limit',
    says: /a few more than the limit/,
    mutate: (remote) => ({ pull: (request) => remote.pull({ ...request, limit: 1_000_000 }) }),
  },
  {
    caughtBy: 'aborted-pull',
    fault: 'remembers how far its client has read',
    says: /keeps no position of a client/,
    mutate: (remote) => {
      let position: PullPage['checkpoints'] = {}
      let origin: PullPage['origin'] | null = null
      return {
        async pull(request) {
          const checkpoints = Object.fromEntries(
            Object.entries(request.checkpoints).map(([name, text]) => [name, text ?? position[name] ?? null]),
          )
          const reading = remote.pull({
            ...request,
            checkpoints,
            origin: request.origin ?? origin,
            signal: new AbortController().signal,
          })
          const page = await reading
          position = { ...position, ...page.checkpoints }
          origin = page.origin
          if (request.signal.aborted) throw new HoldfastError('aborted', 'The call was cancelled.')
          return page
        },
      }
    },
  },
]
