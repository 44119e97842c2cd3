import type { Origin, PullPage, PullRequest, RemoteChange } from '@holdfast/core'
import type { ServerBackend, StoredDocument } from './core.ts'
import type { Dice } from './dice.ts'
import { keyOf } from './documents.ts'
import type { Hits } from './hits.ts'

export interface OldVersionsParts {
  readonly server: ServerBackend
  readonly dice: Dice
  readonly hits: Hits
}

export type OldVersionsImage = ReadonlyMap<string, readonly StoredDocument[]>

/**
 * Versions that were replaced, each at its place in the feed. The memory server shows the latest
 * version of each document alone; a feed that is a log has the older ones too, until it is compacted.
 */
export class OldVersions {
  readonly #parts: OldVersionsParts
  readonly #byKey = new Map<string, StoredDocument[]>()

  constructor(parts: OldVersionsParts) {
    this.#parts = parts
  }

  /** Call it before the document is written: what stands may be replaced. */
  note(collection: string, id: string): void {
    const document = this.#standing(collection, id)
    if (document === undefined) return
    const known = this.#byKey.get(keyOf(collection, id)) ?? []
    if (!known.some(({ seq }) => seq === document.seq)) known.push(document)
    this.#byKey.set(keyOf(collection, id), known)
  }

  /** For a backup: what was committed and replaced by now, whatever its place in the feed. */
  image(): OldVersionsImage {
    return new Map([...this.#byKey].map(([key, known]) => [key, [...known]]))
  }

  /** Back to a backup, or to nothing. */
  restore(image: OldVersionsImage = new Map()): void {
    this.clear()
    for (const [key, known] of image) this.#byKey.set(key, [...known])
  }

  /** The log is compacted: the latest versions are all it has. */
  clear(): void {
    this.#byKey.clear()
  }

  /** The page with some of those that stand between its ends, in the order of the feed. */
  mixInto(page: PullPage, request: PullRequest): PullPage {
    const { dice, hits } = this.#parts
    const placed = page.changes.map((change) => ({
      change,
      seq: this.#standing(change.collection, change.id)?.seq ?? 0,
    }))
    for (const known of this.#byKey.values()) {
      for (const document of known) {
        const { collection, id, seq } = document
        const ends = endsOf(collection, page, request)
        const isThere = ends !== null && ends.after < seq && seq <= ends.upTo
        const isOld = (this.#standing(collection, id)?.seq ?? 0) > seq
        if (!isThere || !isOld || !dice.chance(0.5)) continue
        const isOwn = document.sentBy === request.replica && ends.after > 0
        placed.push({ change: changeOf(document, isOwn), seq })
        hits.hit('old version in the feed')
        const latest = page.changes.find((one) => one.collection === collection && one.id === id)
        if (latest?.value === null && latest.own === undefined)
          hits.hit('old version and tombstone in one page')
      }
    }
    return { ...page, changes: placed.sort((a, b) => a.seq - b.seq).map(({ change }) => change) }
  }

  #standing(collection: string, id: string): StoredDocument | undefined {
    return this.#parts.server.read(collection, id) as StoredDocument | undefined
  }
}

/** Which part of the feed a page has of a collection; null: none. */
function endsOf(collection: string, page: PullPage, { checkpoints, origin }: PullRequest) {
  const [from, to] = [checkpoints[collection], page.checkpoints[collection]]
  if (from === undefined || to === undefined) return null
  const startsOver = from === null || page.reset?.includes(collection) || !isSame(origin, page.origin)
  return { after: startsOver ? 0 : Number.parseInt(from, 10), upTo: Number.parseInt(to, 10) }
}

function changeOf({ collection, id, rev, hlc, value }: StoredDocument, isOwn: boolean): RemoteChange {
  const change = { collection, id, rev, hlc }
  return isOwn && value !== null ? { ...change, value: null, own: true } : { ...change, value }
}

const isSame = (a: Origin | null, b: Origin) => a?.remote === b.remote && a.epoch === b.epoch
