import {
  type Checkpoint,
  HoldfastError,
  isHlc,
  type PullPage,
  type PullRequest,
  type PushMutation,
  type PushOutcome,
  type RemoteStore,
} from '@holdfast/core'
import { type KvOptions, kvClient } from './kv-client.ts'
import { type LogEntry, type LoggedVersion, SpaceLog, type Versions } from './space-log.ts'

export interface KvRemoteOptions extends KvOptions {
  /** A user, a team, a workspace: its documents have one order. */
  readonly space: string
}

const MAX_DOCUMENT_BYTES = 256 * 1024
const MAX_BATCH = 100
/** How often a push is decided anew because another client was faster. */
const TURNS = 50
const AFTER_MS = 100
const RECENT = 8

/**
 * A RemoteStore over a key-value service that can do no more than create a key if it is absent. A
 * space is a log: the push that creates the next number is the next commit, and the feed is the
 * log. Each client holds the space in memory, as the log gives it.
 */
export function kvRemote(options: KvRemoteOptions): RemoteStore {
  const client = kvClient(options)
  const log = new SpaceLog(client, options.space)

  return {
    specVersion: 1,
    name: 'key-value service',
    capabilities: {
      maxBatch: MAX_BATCH,
      maxBatchBytes: 4 * 1024 * 1024,
      maxDocumentBytes: MAX_DOCUMENT_BYTES,
      atomicGroups: MAX_BATCH,
      pokes: false,
    },

    async pull(request) {
      checkNotAborted(request.signal)
      await log.follow(request.signal)
      return pageOf(log, request, options.url)
    },

    async push({ mutations, signal }) {
      checkNotAborted(signal)
      for (let turn = 0; turn < TURNS; turn++) {
        await log.follow(signal)
        const { next, epoch } = log
        const { outcomes, entry } = decide(mutations, log.versions)
        if (entry.length === 0) return { outcomes }
        // Between the reading and this, nobody may have written: that is the compare in compare-and-set.
        const isMade = await client.create(
          { key: log.keyOf(next), value: JSON.stringify(entry), epoch },
          signal,
        )
        if (isMade === true) return { outcomes }
      }
      return { outcomes: mutations.map(() => ({ kind: 'retry', after: AFTER_MS, reason: 'crowded' })) }
    },
  }
}

/** The outcome of each mutation, and what the log must say for those that are applied. */
function decide(mutations: readonly PushMutation[], stored: Versions) {
  const outcomes: PushOutcome[] = []
  const entry: LogEntry = []
  const versions = new Map<string, LoggedVersion>()
  for (const places of unitsOf(mutations)) {
    const staged = new Map(versions)
    const made: LogEntry = []
    for (const place of places) {
      const mutation = mutations[place] as PushMutation
      const { id: rev, hlc, collection, documentId: id, value } = mutation
      const key = JSON.stringify([collection, id])
      const current = staged.get(key) ?? stored.get(key)
      const outcome = outcomeOf(mutation, current)
      outcomes[place] = outcome
      if (outcome.kind !== 'applied') continue
      const recent = [...(current?.recent ?? []), rev].slice(-RECENT)
      const version = { collection, id, rev, hlc, value, recent }
      staged.set(key, version)
      made.push(version)
    }
    const fitting = places.filter((place) => /^(applied|duplicate)$/.test(outcomes[place]?.kind ?? ''))
    if (fitting.length < places.length) {
      // A group of which one member does not fit: none of it is written.
      for (const place of fitting) outcomes[place] = { kind: 'retry', after: 0, reason: 'group' }
      continue
    }
    entry.push(...made)
    for (const [key, version] of staged) versions.set(key, version)
  }
  return { outcomes, entry }
}

function outcomeOf(mutation: PushMutation, current: LoggedVersion | undefined): PushOutcome {
  const { id, hlc, base, value } = mutation
  const bytes = value === null ? 0 : new TextEncoder().encode(JSON.stringify(value)).length
  if (bytes > MAX_DOCUMENT_BYTES) return { kind: 'rejected', reason: 'too_large' }
  if (!isHlc(hlc)) return { kind: 'rejected', reason: 'invalid_hlc', field: 'hlc' }
  if (current?.recent.includes(id)) return { kind: 'duplicate', current }
  if ((current?.rev ?? null) !== base) return { kind: 'conflict', current: current ?? null }
  if (current !== undefined && hlc <= current.hlc)
    return { kind: 'rejected', reason: 'hlc_not_after_base', field: 'hlc' }
  return { kind: 'applied', rev: id, hlc }
}

/** Places in the push of what takes effect together: the members of a group, or one mutation. */
function unitsOf(mutations: readonly PushMutation[]): readonly (readonly number[])[] {
  const units = new Map<string | number, number[]>()
  for (const [place, { group }] of mutations.entries()) {
    units.set(group ?? place, [...(units.get(group ?? place) ?? []), place])
  }
  return [...units.values()]
}

function pageOf(log: SpaceLog, request: PullRequest, url: string): PullPage {
  const origin = { remote: `kv ${url}`, epoch: log.epoch }
  const isKnown = request.origin?.remote === origin.remote && request.origin.epoch === origin.epoch
  const reset: string[] = []
  const places = new Map<string, number>()
  for (const [collection, checkpoint] of Object.entries(request.checkpoints)) {
    const place = checkpoint === null ? 0 : isKnown ? placeOf(checkpoint, log.feed.length) : null
    if (place === null) reset.push(collection)
    places.set(collection, place ?? 0)
  }
  const due = log.feed
    .map((version, i) => ({ version, place: i + 1 }))
    .filter(
      ({ version, place }) => place > (places.get(version.collection) ?? place) && log.isLatest(version),
    )
  const page = due.slice(0, Math.max(1, request.limit))
  const hasMore = page.length < due.length
  const end = hasMore ? (page.at(-1)?.place ?? 0) : log.feed.length
  return {
    changes: page.map(({ version: { recent: _, ...change } }) => change),
    checkpoints: Object.fromEntries([...places].map(([name, place]) => [name, String(Math.max(place, end))])),
    hasMore,
    origin,
    ...(reset.length > 0 ? { reset } : {}),
  }
}

/** Null for what this remote never made: the feed starts over then. */
function placeOf(checkpoint: Checkpoint, length: number): number | null {
  return /^\d{1,15}$/.test(checkpoint) && Number(checkpoint) <= length ? Number(checkpoint) : null
}

function checkNotAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new HoldfastError('aborted', 'The call was cancelled. Nothing was sent.')
}
