import type { LocalStore } from '../contracts/local-store.ts'
import type { Document, Hlc } from '../model/document.ts'
import { freezeJson } from '../model/freeze.ts'
import type { Mutation } from '../model/mutation.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type Head, type HeadKeys, scanAll } from './head.ts'
import { WINDOWS, WINDOWS_KEY, windowKey } from './keys.ts'

/** Windows are kept at once when something changed, but only so many times after they were kept last as that took, … */
const REST_RATIO = 20
/** … and so long after it where they are still of use, since the log tells what changed. */
const REST_MS = 1000
/** So long after they could not be kept, since a write was under way. */
const AHEAD_MS = 50
/** More are not kept, nor longer ones, nor longer keys: they are for what an application shows first. */
const MAX_WINDOWS = 16
const MAX_DOCUMENTS = 500
const MAX_KEY = 400

/** The first documents of a query, in its order. */
export interface Window {
  readonly documents: readonly Document[]
  /** There are no others. */
  readonly isComplete: boolean
}

export interface KeptWindow extends Window {
  /** What was written since, in the order in which it was. */
  readonly since: readonly Mutation[]
}

/** Where the log and the records of the leader end. */
export interface Position {
  /** First number that no page or ledger record has. */
  readonly no: number
  /** Per writer, its last log record. */
  readonly seqs: Readonly<Record<string, number>>
}

/** Where the windows were kept, and what the clock said then. */
interface KeptPosition extends Position {
  readonly hlc: Hlc
}

export interface WindowsParts {
  readonly store: LocalStore
  readonly runtime: Pick<Runtime, 'setTimer' | 'monotonic'>
  /** False: another tab keeps the windows. */
  readonly isKeeper: () => boolean
  /** Null while memory is ahead of the disk. */
  readonly position: () => KeptPosition | null
  readonly nextNo: () => number
  readonly onError: (error: unknown) => void
}

/**
 * Windows of live queries, kept in the local database so that they can be shown before its pages
 * are read. All that are kept are of one position; what was written after it is known from the
 * log, and where pages or ledger went on, they are of no use.
 */
export class Windows {
  readonly #parts: WindowsParts
  readonly #live = new Map<string, () => Window | null>()
  #kept = new Map<string, KeptWindow>()
  #position = ''
  /** Where pages and ledger ended then. */
  #no = 0
  #isSaving = false
  /** Monotonic time before which they are not kept again. */
  #notBefore = 0
  #restsUntil = 0
  #isResting = false
  #cancel: (() => void) | null = null
  #isStopped = false

  constructor(parts: WindowsParts) {
    this.#parts = parts
  }

  /** Reads what was kept, as far as it is of use with this head; what cannot be read is of none. */
  async load(head: Head): Promise<void> {
    try {
      const records = await scanAll(this.#parts.store, WINDOWS)
      const since = sinceIn(head, records.find(([key]) => key === WINDOWS_KEY)?.[1])
      for (const [key, text] of records) {
        if (key === WINDOWS_KEY || typeof text !== 'string') continue
        if (since !== null) this.#kept.set(key, { ...(freezeJson(JSON.parse(text)) as Window), since })
      }
    } catch (error) {
      this.#kept.clear()
      this.#parts.onError(error)
    }
  }

  /** True if there is a window to be shown at once. */
  get hasKept(): boolean {
    return this.#kept.size > 0
  }

  /** The window of this query, as of the position of the head; null if none was kept. */
  kept(query: string): KeptWindow | null {
    return this.#kept.get(windowKey(query)) ?? null
  }

  /** The database was read: from now on what is in memory is newer. */
  forget(): void {
    this.#kept = new Map()
  }

  /** Keeps the window of this query from now on, as long as the result is not called. */
  keep(query: string, read: () => Window | null): () => void {
    const key = windowKey(query)
    if (key.length > MAX_KEY || this.#live.has(key) || this.#live.size >= MAX_WINDOWS) return () => {}
    this.#live.set(key, read)
    this.changed()
    return () => this.#live.delete(key)
  }

  /** Something in the database changed. */
  changed(): void {
    if (this.#isSaving || this.#live.size === 0 || this.#isStopped) return
    const { runtime, onError, nextNo } = this.#parts
    const isOfUse = nextNo() === this.#no
    if (this.#cancel !== null && (isOfUse || !this.#isResting)) return
    this.#cancel?.()
    this.#isResting = isOfUse
    const until = isOfUse ? Math.max(this.#notBefore, this.#restsUntil) : this.#notBefore
    const wait = Math.max(0, until - runtime.monotonic())
    this.#cancel = runtime.setTimer(wait, () => {
      this.#cancel = null
      this.#save().catch(onError)
    })
  }

  async #save(): Promise<void> {
    if (this.#isStopped || this.#live.size === 0 || !this.#parts.isKeeper()) return
    const { runtime, store } = this.#parts
    const began = runtime.monotonic()
    const position = this.#parts.position()
    if (position === null) {
      this.#notBefore = began + AHEAD_MS
      this.changed()
      return
    }
    const text = JSON.stringify(position)
    if (text === this.#position) return
    // All of them: another tab may have kept its own since.
    const put = [...this.#textsNow(), [WINDOWS_KEY, text] as const]
    this.#isSaving = true
    try {
      await store.write({ deleteRanges: [WINDOWS], put })
      this.#position = text
      this.#no = position.no
    } finally {
      this.#isSaving = false
      const ended = runtime.monotonic()
      this.#notBefore = ended + REST_RATIO * (ended - began)
      this.#restsUntil = ended + REST_MS
    }
    // What changed meanwhile is kept after the rest.
    this.changed()
  }

  #textsNow(): Map<string, string> {
    const texts = new Map<string, string>()
    for (const [key, read] of this.#live) {
      const window = read()
      if (window !== null && window.documents.length <= MAX_DOCUMENTS) texts.set(key, JSON.stringify(window))
    }
    return texts
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
    this.#cancel = null
  }
}

export function positionOf({ manifest, ledger, logs }: HeadKeys): Position {
  const seqs: Record<string, number> = { ...manifest.folded }
  for (const { writer, seq } of logs) seqs[writer] = Math.max(seqs[writer] ?? 0, seq)
  return { no: Math.max(manifest.nextNo, (ledger.at(-1)?.[0] ?? 0) + 1), seqs }
}

export function isSamePosition(a: Position, b: Position): boolean {
  const writers = new Set([...Object.keys(a.seqs), ...Object.keys(b.seqs)])
  return a.no === b.no && [...writers].every((writer) => (a.seqs[writer] ?? 0) === (b.seqs[writer] ?? 0))
}

/** What the log has after the position that was kept; null if that cannot tell what changed since. */
function sinceIn(head: Head, kept: unknown): Mutation[] | null {
  if (typeof kept !== 'string') return null
  const before = JSON.parse(kept) as KeptPosition
  const now = positionOf(head)
  if (before.no !== now.no) return null
  for (const [writer, seq] of Object.entries(before.seqs)) if ((now.seqs[writer] ?? 0) < seq) return null
  const since = head.logs
    .filter(({ writer, seq }) => seq > (before.seqs[writer] ?? 0))
    .flatMap(({ mutations }) => mutations)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  // Written before, by a tab that told of it too late: it may have to be merged with what was shown.
  if (since.some(({ hlc }) => hlc <= before.hlc)) return null
  const merged = new Set(
    head.ledger.flatMap(([, entries]) =>
      entries.flatMap((entry) =>
        entry.kind === 'stands' ? [`${entry.collection}/${entry.documentId}`] : [],
      ),
    ),
  )
  return since.some(({ collection, documentId }) => merged.has(`${collection}/${documentId}`)) ? null : since
}
