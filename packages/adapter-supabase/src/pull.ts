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

/** What the last row says of a table's page. */
type WirePage = {
  readonly table: string
  readonly checkpoint: string
  readonly columns: readonly string[]
  /** Column by column; `true` where they have a row of their own. */
  readonly documents: WireDocuments | true | null
  /** Without values: tombstones, and revisions of the asking replica. */
  readonly others: readonly WireOther[] | null
}
type WireOther = readonly [place: number, id: string, rev: string, hlc: string, isOwn: boolean]
type WireDocuments = readonly [
  ids: readonly string[] | null,
  revs: readonly string[] | null,
  hlcs: readonly string[] | null,
  /** Where there are others between them. */
  places: readonly number[] | null,
  ...values: readonly (readonly unknown[] | null)[],
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
  const rows: readonly unknown[] = Array.isArray(answer.data) ? answer.data : []
  const data = rows.at(-1)
  if (!isPlainObject(data) || !isPlainObject(data.origin) || !Array.isArray(data.pages)) {
    throw unexpected('pull')
  }
  const pages = new Map<string, RemoteChange[]>()
  const moved: Record<string, string> = {}
  let row = 0
  for (const page of data.pages as WirePage[]) {
    const collection = collections.find((name) => names.tableOf(name) === page.table)
    const documents = page.documents === true ? rows[row++] : (page.documents ?? [])
    if (collection === undefined || !Array.isArray(page.columns) || !Array.isArray(documents))
      throw unexpected('pull')
    moved[collection] = page.checkpoint
    pages.set(collection, toChanges(collection, documents as unknown as WireDocuments, page))
  }
  const changes = collections.flatMap((collection) => {
    const page = pages.get(collection)
    if (page === undefined) throw unexpected('pull')
    return page
  })
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

/** The changes of a page, in the order of the feed. */
function toChanges(
  collection: string,
  documents: WireDocuments | readonly [],
  { columns, others }: WirePage,
): RemoteChange[] {
  const [ids, revs, hlcs, places, ...values] = documents
  const changes: RemoteChange[] = []
  let next = 0
  const takeOthers = (upto: number) => {
    for (; others && next < others.length; next++) {
      const [place, id, rev, hlc, isOwn] = others[next] as WireOther
      if (place > upto) return
      changes.push({ collection, id, rev, hlc, value: null, ...(isOwn ? { own: true } : {}) })
    }
  }
  // None are left where all were written once more since the page was counted.
  if (ids && revs && hlcs) {
    for (let i = 0; i < ids.length; i++) {
      if (places) takeOthers(places[i] as number)
      const id = ids[i] as string
      const value = fromColumns(id, { columns, values, at: i })
      changes.push({ collection, id, rev: revs[i] as string, hlc: hlcs[i] as string, value })
    }
  }
  takeOthers(Number.POSITIVE_INFINITY)
  return changes
}

function withoutSuffix(origin: Origin | null, suffix: string): Origin | null {
  if (origin === null || !origin.remote.endsWith(suffix)) return null
  return { remote: origin.remote.slice(0, origin.remote.length - suffix.length), epoch: origin.epoch }
}
