import {
  type CurrentVersion,
  isHlc,
  type LocatedVersion,
  type PushMutation,
  type PushOutcome,
  type RemoteStore,
} from '@holdfast/core'
import { type KvOptions, kvClient, notOurs } from './kv-client.ts'
import type { KvChanges, KvEntry, KvPut } from './kv-space.ts'

const MAX_DOCUMENT_BYTES = 256 * 1024
const MAX_BATCH = 100
/** How often a push is decided anew because another client was faster. */
const TURNS = 50
const RECENT = 8

type Stored = LocatedVersion & CurrentVersion

/**
 * A RemoteStore over a key-value service with conditional writes and a list of changes: a version
 * is the value of an entry, its rev the entry's tag. A push reads what stands, decides, and writes
 * on the condition that nothing has changed since.
 */
export function kvRemote(options: KvOptions): RemoteStore {
  const ask = kvClient(options)
  const remote = `kv ${options.url}`

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

    async pull({ checkpoints, origin, limit, signal }) {
      const epoch = origin?.remote === remote ? origin.epoch : null
      const page = (await ask('changes', { after: checkpoints, limit, epoch }, signal)) as KvChanges & {
        readonly epoch: string
      }
      if (!Array.isArray(page.entries) || typeof page.epoch !== 'string') throw notOurs()
      return {
        changes: page.entries.map(({ value }) => {
          const { recent: _, ...change } = value as Stored
          return change
        }),
        checkpoints: page.after,
        hasMore: page.more,
        origin: { remote, epoch: page.epoch },
        ...(page.reset.length > 0 ? { reset: page.reset } : {}),
      }
    },

    async push({ mutations, signal }) {
      const keys = mutations.map(({ collection, documentId }) => [collection, documentId])
      for (let turn = 0; turn < TURNS; turn++) {
        const found = (await ask('read', keys, signal)) as (KvEntry | null)[]
        if (!Array.isArray(found)) throw notOurs()
        const stored = new Map(
          found.flatMap((entry) => (entry ? [[idOf(entry), entry.value as Stored]] : [])),
        )
        const { outcomes, made } = decide(mutations, stored)
        const puts = [...made].map(([id, value]): KvPut => {
          const { collection: table, id: key, rev: tag } = value
          return { table, key, tag, value, ifTag: stored.get(id)?.rev ?? null }
        })
        // Between the reading and this, nobody may have written: that is the compare in compare-and-set.
        if (puts.length === 0 || (await ask('write', puts, signal)) === true) return { outcomes }
      }
      return { outcomes: mutations.map(() => ({ kind: 'retry', after: 100, reason: 'crowded' })) }
    },
  }
}

/** The outcome of each mutation, and the versions that those which are applied make, by document. */
function decide(mutations: readonly PushMutation[], stored: ReadonlyMap<string, Stored>) {
  const outcomes: PushOutcome[] = []
  let made = new Map<string, Stored>()
  for (const places of unitsOf(mutations)) {
    const staged = new Map(made)
    for (const [place, mutation] of places) {
      const { id: rev, hlc, collection, documentId: id, value } = mutation
      const key = idOf({ table: collection, key: id })
      const current = staged.get(key) ?? stored.get(key) ?? null
      const outcome = outcomeOf(mutation, current)
      outcomes[place] = outcome
      const recent = [...(current?.recent ?? []), rev].slice(-RECENT)
      if (outcome.kind === 'applied') staged.set(key, { collection, id, rev, hlc, value, recent })
    }
    const kinds = places.map(([place]) => outcomes[place]?.kind ?? '')
    if (kinds.every((kind) => /applied|duplicate/.test(kind))) made = staged
    // A group of which one member does not fit: none of it is written. What was written before says so.
    else
      for (const [i, [place]] of places.entries())
        if (kinds[i] === 'applied') outcomes[place] = { kind: 'retry', after: 0, reason: 'group' }
  }
  return { outcomes, made }
}

function outcomeOf({ id, hlc, base, value }: PushMutation, current: Stored | null): PushOutcome {
  const bytes = value === null ? 0 : new TextEncoder().encode(JSON.stringify(value)).length
  if (bytes > MAX_DOCUMENT_BYTES) return { kind: 'rejected', reason: 'too_large' }
  if (!isHlc(hlc)) return { kind: 'rejected', reason: 'invalid_hlc', field: 'hlc' }
  if (current?.recent.includes(id)) return { kind: 'duplicate', current }
  if ((current?.rev ?? null) !== base) return { kind: 'conflict', current }
  if (current !== null && hlc <= current.hlc) return { kind: 'conflict', current }
  return { kind: 'applied', rev: id, hlc }
}

/** What takes effect together, each with its place in the push: the members of a group, or one mutation. */
function unitsOf(mutations: readonly PushMutation[]): (readonly [place: number, PushMutation])[][] {
  return [...Map.groupBy(mutations.entries(), ([place, { group }]) => group ?? place).values()]
}

const idOf = ({ table, key }: Pick<KvEntry, 'table' | 'key'>) => JSON.stringify([table, key])
