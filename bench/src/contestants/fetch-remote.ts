import type {
  PullPage,
  PushMutation,
  PushOutcome,
  RemoteChange,
  RemoteStore,
} from '../../../packages/core/src/index.ts'

interface VersionPage {
  readonly changes: readonly Omit<RemoteChange, 'collection' | 'id'>[]
  readonly next: number
  readonly hasMore: boolean
}

const ORIGIN = { remote: 'bench', epoch: '1' }

/** A remote over plain fetch: what an application with an own server writes. 0: applied as it was sent. */
export function fetchRemote(maxBatch: number): RemoteStore {
  return {
    specVersion: 1,
    name: 'bench',
    capabilities: {
      maxBatch,
      maxBatchBytes: 8_000_000,
      maxDocumentBytes: 1_000_000,
      atomicGroups: 0,
      pokes: false,
    },
    async pull({ checkpoints, limit, signal }): Promise<PullPage> {
      const since = Number(checkpoints.contacts ?? 0)
      const response = await fetch(`/pull?form=versions&since=${since}&limit=${limit}`, { signal })
      const { changes, next, hasMore } = (await response.json()) as VersionPage
      return {
        changes: changes.map((change) => ({
          collection: 'contacts',
          id: change.value?.id ?? '',
          rev: change.rev,
          hlc: change.hlc,
          value: change.value,
        })),
        checkpoints: { contacts: String(next) },
        hasMore,
        origin: ORIGIN,
      }
    },
    async push({ mutations, signal }) {
      const sent = mutations.map(({ id, hlc, documentId, base, value }) => [id, hlc, documentId, base, value])
      const body = JSON.stringify(sent)
      const response = await fetch('/push?form=versions', { method: 'POST', body, signal })
      const answer = (await response.json()) as (PushOutcome | 0)[]
      const outcomes = answer.map((outcome, i) => {
        const { id, hlc } = mutations[i] as PushMutation
        return outcome === 0 ? ({ kind: 'applied', rev: id, hlc } as const) : outcome
      })
      return { outcomes }
    },
  }
}
