import type { Checkpoint, Origin, PullPage, PullRequest, RemoteChange } from '../contracts/remote-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { ServerSpace } from './server-space.ts'
import type { StoredDocument } from './stored-document.ts'

/** A place in the feed; while a read from the beginning is below the floor, also which floor that is. */
const CHECKPOINT = /^(0|[1-9][0-9]{0,14})(?:\/(0|[1-9][0-9]{0,14}))?$/

/**
 * One page of the feed. A page that is not the last ends at its last change, for every collection
 * alike, since the page holds all that stands before it; the last page ends at the horizon.
 */
export function readPage(space: ServerSpace, request: PullRequest, origin: Origin): PullPage {
  const { checkpoints, limit, replica } = request
  const positions = new Map<string, number>()
  const reset = new Set<string>()
  const fromStart = new Set<string>()
  for (const [collection, checkpoint] of Object.entries(checkpoints)) {
    const { position, floor } = checkpoint === null ? { position: 0, floor: 0 } : placeOf(checkpoint)
    const isTooOld = position < space.floor && floor !== space.floor
    const isVoid = checkpoint !== null && (!isSame(request.origin, origin) || isTooOld)
    if (isVoid) reset.add(collection)
    if (isVoid || checkpoint === null) fromStart.add(collection)
    positions.set(collection, isVoid ? 0 : position)
  }

  const { horizon, lag } = space
  const due = space.feed().filter(({ collection, seq }) => seq > (positions.get(collection) ?? horizon))
  const page = due.slice(0, Math.max(1, limit))
  const hasMore = page.length < due.length
  const end = hasMore ? (page.at(-1)?.seq ?? horizon) : horizon

  const next: Record<string, Checkpoint> = {}
  for (const [collection, position] of positions) {
    const place = Math.max(position, end)
    next[collection] = place < space.floor ? `${place}/${space.floor}` : String(place)
  }
  return {
    changes: page.map((document) =>
      changeOf(document, document.sentBy === replica && !fromStart.has(document.collection)),
    ),
    checkpoints: next,
    hasMore,
    origin,
    ...(reset.size > 0 ? { reset: [...reset] } : {}),
    ...(lag === undefined ? {} : { lag }),
  }
}

function changeOf({ collection, id, rev, hlc, value }: StoredDocument, isOwn: boolean): RemoteChange {
  const change = { collection, id, rev, hlc }
  if (isOwn && value !== null) return { ...change, value: null, own: true }
  return { ...change, value: structuredClone(value) }
}

function placeOf(checkpoint: Checkpoint): { position: number; floor: number } {
  const [, position, floor] = CHECKPOINT.exec(checkpoint) ?? []
  if (position !== undefined) return { position: Number(position), floor: Number(floor ?? -1) }
  throw new HoldfastError(
    'protocol',
    'The checkpoint is not one that this remote made. Nothing was read. Pull from the beginning.',
  )
}

function isSame(a: Origin | null, b: Origin): boolean {
  return a !== null && a.remote === b.remote && a.epoch === b.epoch
}
