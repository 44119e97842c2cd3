import {
  isPlainObject,
  type Origin,
  type PullPage,
  type PullRequest,
  type RemoteChange,
} from '@holdfast/core'
import { call, unexpected } from './call.ts'
import type { SupabaseClientLike } from './client.ts'
import { fromColumns } from './document.ts'
import type { Names } from './names.ts'

interface PullParts {
  readonly client: SupabaseClientLike
  readonly names: Names
  /** Set apart by what the caller may see, since a place in the feed means nothing to someone else. */
  readonly suffix: string
}

type WirePage = {
  readonly checkpoint: string
  /** Names for the values, which follow in one list or in several. */
  readonly columns: readonly string[]
  readonly changes: readonly WireChange[]
}
/** Instead of values: null for a tombstone, 0 for a revision of the asking replica. */
type WireChange = readonly [
  id: string,
  rev: string,
  hlc: string,
  ...values: readonly (unknown[] | null | 0)[],
]

/** One request for all collections asked for. */
export async function pull(request: PullRequest, { client, names, suffix }: PullParts): Promise<PullPage> {
  const collections = Object.keys(request.checkpoints)
  const checkpoints = Object.fromEntries(
    collections.map((collection) => [names.tableOf(collection), request.checkpoints[collection] ?? null]),
  )
  const answer = await call(client, 'pull', {
    request: {
      origin: withoutSuffix(request.origin, suffix),
      checkpoints,
      limit: request.limit,
      replica: request.replica,
    },
    signal: request.signal,
  })
  if (answer.failure) throw answer.failure
  const { data } = answer
  if (!isPlainObject(data) || !isPlainObject(data.origin) || !isPlainObject(data.pages))
    throw unexpected('pull')
  const pages = data.pages as Record<string, WirePage>
  const changes: RemoteChange[] = []
  const moved: Record<string, string> = {}
  for (const collection of collections) {
    const page = pages[names.tableOf(collection)]
    if (!Array.isArray(page?.changes) || !Array.isArray(page.columns)) throw unexpected('pull')
    moved[collection] = page.checkpoint
    for (const change of page.changes) changes.push(toChange(collection, change, page.columns))
  }
  const reset = data.known ? [] : collections.filter((name) => request.checkpoints[name] !== null)
  const origin = data.origin as unknown as Origin
  return {
    changes,
    checkpoints: moved,
    hasMore: data.more === true,
    origin: { remote: origin.remote + suffix, epoch: origin.epoch },
    ...(reset.length > 0 ? { reset } : {}),
    ...(typeof data.lag === 'number' ? { lag: data.lag } : {}),
  }
}

function toChange(
  collection: string,
  [id, rev, hlc, first, ...rest]: WireChange,
  columns: readonly string[],
): RemoteChange {
  if (first === 0) return { collection, id, rev, hlc, value: null, own: true }
  if (first === null) return { collection, id, rev, hlc, value: null }
  if (!Array.isArray(first)) throw unexpected('pull')
  const values = rest.length === 0 ? first : [first, ...rest].flat(1)
  return { collection, id, rev, hlc, value: fromColumns(id, columns, values) }
}

function withoutSuffix(origin: Origin | null, suffix: string): Origin | null {
  if (origin === null || !origin.remote.endsWith(suffix)) return null
  return { remote: origin.remote.slice(0, origin.remote.length - suffix.length), epoch: origin.epoch }
}
