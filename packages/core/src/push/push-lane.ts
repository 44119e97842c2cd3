import type { PushAnswer, PushMutation, PushOutcome, RemoteCapabilities } from '../contracts/remote-store.ts'
import { HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'
import type { Row } from '../storage/row.ts'
import type { Storage } from '../storage/storage.ts'
import { type Batch, takeBatch } from './batch.ts'
import { frozenEntry, type Send } from './prepare.ts'
import { settle } from './settle.ts'

/*
 *            ┌───────────── queue is dry ───────────► done
 *   take ────┤
 *    ▲       └► freeze (commit) ► send ► settle (commit) ─┐
 *    └──────────────────────────────────────────────────── ┘
 *
 * A crash after `freeze` sends the same mutations again, under the same ids and bases; a crash
 * after `send` finds them applied, and is told so by `duplicate`.
 *
 * One batch is under way at a time, in order. Meanwhile the next one is taken and frozen, and while
 * that one is under way the answer to the former is settled. It is sent only after an answer: when the
 * former failed it stays frozen, and is taken again in its turn.
 *
 * Nothing is sent before a pull has read which history the remote is in: of an answer that came before
 * that, nobody could tell whether the remote was rewound since.
 */

export interface PushParts {
  readonly storage: Storage
  readonly capabilities: RemoteCapabilities
  readonly send: (mutations: readonly PushMutation[], signal: AbortSignal) => Promise<PushAnswer>
  /** Tells the remote what is likely to be sent next; the same list is. */
  readonly prepare: (mutations: readonly PushMutation[]) => void
  /** Resolves when what was sent just now is under way. */
  readonly departed: () => Promise<void>
  /** Runs one task at a time: commits are made only inside it. */
  readonly inLane: <T>(task: () => Promise<T>) => Promise<T>
  readonly isLocalOnly: (collection: string) => boolean
  readonly maxBytesOf: (collection: string) => number
  readonly now: () => number
  readonly monotonic: () => number
  readonly randomHex: (digits: number) => string
  readonly onOutcomes: (counts: Readonly<Record<PushOutcome['kind'], number>>) => void
}

type Answer = PushAnswer | { readonly error: unknown }

/** A batch with the fence under which it was taken: another leader may settle it, and take it anew. */
interface Taken extends Batch {
  readonly fence: number
  /** What is sent. */
  readonly mutations: readonly PushMutation[]
}

/** A batch that was sent; its answer does not reject. */
interface UnderWay {
  readonly batch: Taken
  /** The history of the remote that was known as it was sent. */
  readonly history: string
  readonly answer: Promise<Answer>
}

const NOTHING: Batch = { sends: [], entries: [], hasMore: false }
/** Documents that fail alone, one after the other, until the remote itself is blamed. */
const MAX_LONE_FAILURES = 3
const LONE_FAILURE_WAIT_MS = 30_000
/** After a push that no answer was seen of, by a session that died: small steps settle sooner. */
const RESUMED_BATCH = 64

export class PushLane {
  readonly #parts: PushParts
  /** Monotonic time before which a document is left alone, by `collection/id`. */
  readonly #notBefore = new Map<string, number>()
  /** Whose answer is not settled yet. Until then something of them is frozen, so that their rows stay. */
  readonly #unsettled = new Set<Row>()
  /** Shrinks when a whole push is refused, so that the document at fault is found. */
  #maxBatch: number
  #loneFailures = 0

  constructor(parts: PushParts) {
    this.#parts = parts
    const { maxBatch } = parts.capabilities
    const isResumed = parts.storage.tables.counts.frozen > 0
    this.#maxBatch = isResumed ? Math.min(maxBatch, RESUMED_BATCH) : maxBatch
  }

  /** Pushes until nothing more can be sent. Rejects with the failure that stopped it; what was settled stays so. */
  async run(signal: AbortSignal): Promise<void> {
    this.#loneFailures = 0
    try {
      let current = await this.#next(signal)
      while (current !== null) current = (await this.#follow(current, signal)) ?? (await this.#next(signal))
    } finally {
      this.#unsettled.clear()
    }
  }

  /** Sees a batch through, and returns the one that was sent after it. */
  async #follow(current: UnderWay, signal: AbortSignal): Promise<UnderWay | null> {
    const { batch, answer } = current
    const taking = batch.hasMore ? this.#takeAhead() : null
    taking?.catch(() => undefined)
    const answered = await answer
    const next = await taking
    const goesOn = !('error' in answered) && next !== null && next.sends.length > 0
    const following = goesOn ? this.#send(next, signal) : null
    try {
      if (following !== null) await this.#parts.departed()
      await this.#conclude(current, answered)
    } catch (error) {
      await following?.answer
      throw error
    }
    const settled = following === null ? [...batch.sends, ...(next?.sends ?? [])] : batch.sends
    for (const { row } of settled) this.#unsettled.delete(row)
    return following
  }

  async #takeAhead(): Promise<Taken> {
    await this.#parts.departed()
    const taken = await this.#parts.inLane(() => this.#takeAndFreeze())
    if (taken.sends.length > 0) this.#parts.prepare(taken.mutations)
    return taken
  }

  /** Takes and sends what is next; null: nothing can be sent. */
  async #next(signal: AbortSignal): Promise<UnderWay | null> {
    for (;;) {
      signal.throwIfAborted()
      const batch = await this.#parts.inLane(() => this.#takeAndFreeze())
      if (batch.sends.length > 0) return this.#send(batch, signal)
      if (batch.entries.length === 0) return null
    }
  }

  #send(batch: Taken, signal: AbortSignal): UnderWay {
    return {
      batch,
      history: historyOf(this.#parts.storage),
      answer: this.#parts.send(batch.mutations, signal).catch((error: unknown) => ({ error })),
    }
  }

  /** True if some mutation could be sent now. */
  get isDry(): boolean {
    // One is enough to know.
    const { sends, entries } = this.#take(1)
    return sends.length === 0 && entries.length === 0
  }

  #take(maxBatch = this.#maxBatch): Batch {
    const { storage, capabilities, isLocalOnly, now, monotonic } = this.#parts
    if (storage.manifest.origin === null) return NOTHING
    const time = monotonic()
    return takeBatch(
      storage.tables.queue,
      {
        tables: storage.tables,
        replica: storage.manifest.replica,
        isUnconfirmed: (id) => storage.isUnconfirmed(id),
        isLocalOnly,
        isWaiting: (row) => this.#isWaiting(row, time),
        now: now(),
      },
      { ...capabilities, maxBatch, maxUnit: capabilities.maxBatch },
    )
  }

  #isWaiting(row: Row, time: number): boolean {
    if (this.#unsettled.has(row)) return true
    return this.#notBefore.size > 0 && (this.#notBefore.get(keyOf(row)) ?? 0) > time
  }

  async #takeAndFreeze(): Promise<Taken> {
    const fence = this.#parts.storage.fence.assertHeld()
    const batch = this.#take()
    const ledger = [...batch.entries, ...batch.sends.filter(({ frozen }) => !frozen).map(frozenEntry)]
    if (ledger.length > 0) await this.#parts.storage.commit({ ledger })
    for (const { row } of batch.sends) this.#unsettled.add(row)
    return { ...batch, fence, mutations: batch.sends.map(({ sent }) => sent) }
  }

  async #conclude(current: UnderWay, answer: Answer): Promise<void> {
    const { sends } = current.batch
    if ('error' in answer) return this.#failed(current, answer.error)
    this.#maxBatch = Math.min(this.#parts.capabilities.maxBatch, this.#maxBatch * 2)
    if (answer.outcomes.length !== sends.length) throw badAnswer(sends.length, answer.outcomes.length)
    try {
      await this.#settle(current, answer)
      this.#loneFailures = 0
    } catch (error) {
      if (!isHoldfastError(error, 'protocol')) throw error
      await this.#failed(current, error)
    }
  }

  async #settle({ batch, history }: UnderWay, { outcomes }: PushAnswer): Promise<void> {
    const { sends, fence } = batch
    const { storage, inLane, maxBytesOf, now, randomHex, onOutcomes } = this.#parts
    const counts = await inLane(async () => {
      storage.fence.assertHeld(fence)
      // What took effect before the remote was rewound is not there now: it is sent again, as it is.
      if (history !== historyOf(storage)) return null
      const settled = settle(sends, outcomes, { now: now(), maxBytesOf, randomHex })
      await storage.commit(settled.plan)
      for (const { send, after } of settled.waits) this.#wait(send, after)
      return settled.counts
    })
    if (counts !== null) onOutcomes(counts)
  }

  /** Where a push failed as a whole for what was in it: halve it, down to the one document, or group, that is at fault. */
  async #failed(current: UnderWay, error: unknown): Promise<void> {
    const { sends } = current.batch
    if (!isHoldfastError(error, 'protocol') && !isHoldfastError(error, 'rejected')) throw error
    if (!isOneUnit(sends)) {
      this.#maxBatch = Math.max(1, Math.floor(sends.length / 2))
      return
    }
    this.#loneFailures++
    if (error.code === 'rejected')
      return this.#settle(current, { outcomes: sends.map(() => ({ kind: 'rejected', reason: 'refused' })) })
    for (const send of sends) this.#wait(send, LONE_FAILURE_WAIT_MS)
    if (this.#loneFailures >= MAX_LONE_FAILURES) throw error
  }

  #wait({ row }: Send, ms: number): void {
    this.#notBefore.set(keyOf(row), this.#parts.monotonic() + ms)
  }
}

function keyOf({ collection, id }: Row): string {
  return `${collection}/${id}`
}

/** Which history of which remote the checkpoints are of. */
function historyOf({ manifest: { origin } }: Storage): string {
  return `${origin?.remote} ${origin?.epoch}`
}

/** Goes whole or not at all. */
function isOneUnit(sends: readonly Send[]): boolean {
  const [first, ...others] = sends
  const group = first?.sent.group
  return others.length === 0 || (group !== undefined && others.every(({ sent }) => sent.group === group))
}

function badAnswer(sent: number, answered: number): HoldfastError {
  return new HoldfastError(
    'protocol',
    `The remote answered ${answered} outcomes for ${sent} mutations. Nothing was settled; they are sent again.`,
    { retryable: true, details: { sent, answered } },
  )
}
