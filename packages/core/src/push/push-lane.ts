import type { PushAnswer, PushMutation, PushOutcome, RemoteCapabilities } from '../contracts/remote-store.ts'
import { HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'
import type { Storage } from '../storage/storage.ts'
import { type Batch, type Send, takeBatch } from './batch.ts'
import { frozenEntry } from './prepare.ts'
import { settle } from './settle.ts'

/*
 *            ┌───────────── queue is dry ───────────► done
 *   take ────┤
 *    ▲       └► freeze (commit) ► send ► settle (commit) ─┐
 *    └──────────────────────────────────────────────────── ┘
 *
 * A crash after `freeze` sends the same mutations again, under the same ids and bases; a crash
 * after `send` finds them applied, and is told so by `duplicate`.
 */

export interface PushParts {
  readonly storage: Storage
  readonly capabilities: RemoteCapabilities
  readonly send: (mutations: readonly PushMutation[], signal: AbortSignal) => Promise<PushAnswer>
  /** Runs one task at a time: commits are made only inside it. */
  readonly inLane: <T>(task: () => Promise<T>) => Promise<T>
  readonly isLocalOnly: (collection: string) => boolean
  readonly maxBytesOf: (collection: string) => number
  readonly now: () => number
  readonly monotonic: () => number
  readonly onOutcomes: (counts: Readonly<Record<PushOutcome['kind'], number>>) => void
}

/** Documents that fail alone, one after the other, until the remote itself is blamed. */
const MAX_LONE_FAILURES = 3
const LONE_FAILURE_WAIT_MS = 30_000
/** After a push that no answer was seen of, by a session that died: small steps settle sooner. */
const RESUMED_BATCH = 64

export class PushLane {
  readonly #parts: PushParts
  /** Monotonic time before which a document is left alone, by `collection/id`. */
  readonly #notBefore = new Map<string, number>()
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
    for (;;) {
      signal.throwIfAborted()
      const batch = await this.#parts.inLane(() => this.#takeAndFreeze())
      if (batch.sends.length === 0) {
        if (batch.entries.length === 0) return
        continue
      }
      await this.#sendAndSettle(batch.sends, signal)
    }
  }

  /** True if some mutation could be sent now. */
  get isDry(): boolean {
    const { sends, entries } = this.#take()
    return sends.length === 0 && entries.length === 0
  }

  #take(): Batch {
    const { storage, capabilities, isLocalOnly, now, monotonic } = this.#parts
    const time = monotonic()
    return takeBatch(
      storage.tables.queue.values(),
      {
        tables: storage.tables,
        replica: storage.manifest.replica,
        isUnconfirmed: (id) => storage.isUnconfirmed(id),
        isLocalOnly,
        isWaiting: ({ collection, id }) => (this.#notBefore.get(`${collection}/${id}`) ?? 0) > time,
        now: now(),
      },
      { ...capabilities, maxBatch: this.#maxBatch, maxUnit: capabilities.maxBatch },
    )
  }

  async #takeAndFreeze(): Promise<Batch> {
    const batch = this.#take()
    const ledger = [...batch.entries, ...batch.sends.filter(({ frozen }) => !frozen).map(frozenEntry)]
    if (ledger.length > 0) await this.#parts.storage.commit({ ledger })
    return batch
  }

  async #sendAndSettle(sends: readonly Send[], signal: AbortSignal): Promise<void> {
    let answer: PushAnswer
    try {
      answer = await this.#parts.send(
        sends.map(({ sent }) => sent),
        signal,
      )
    } catch (error) {
      if (!isHoldfastError(error, 'protocol') && !isHoldfastError(error, 'rejected')) throw error
      return this.#isolate(sends, error)
    }
    this.#maxBatch = Math.min(this.#parts.capabilities.maxBatch, this.#maxBatch * 2)
    this.#loneFailures = 0
    await this.#settle(sends, answer)
  }

  async #settle(sends: readonly Send[], { outcomes }: PushAnswer): Promise<void> {
    if (outcomes.length !== sends.length) throw badAnswer(sends.length, outcomes.length)
    const { storage, inLane, maxBytesOf, now, onOutcomes } = this.#parts
    const counts = await inLane(async () => {
      const settled = settle(sends, outcomes, { now: now(), maxBytesOf })
      await storage.commit(settled.plan)
      for (const { send, after } of settled.waits) this.#wait(send, after)
      return settled.counts
    })
    onOutcomes(counts)
  }

  /** A push failed as a whole for what was in it: halve it, down to the one document, or group, that is at fault. */
  async #isolate(sends: readonly Send[], error: HoldfastError): Promise<void> {
    if (!isOneUnit(sends)) {
      this.#maxBatch = Math.max(1, Math.floor(sends.length / 2))
      return
    }
    this.#loneFailures++
    if (error.code === 'rejected')
      return this.#settle(sends, { outcomes: sends.map(() => ({ kind: 'rejected', reason: 'refused' })) })
    for (const send of sends) this.#wait(send, LONE_FAILURE_WAIT_MS)
    if (this.#loneFailures >= MAX_LONE_FAILURES) throw error
  }

  #wait({ ref }: Send, ms: number): void {
    this.#notBefore.set(`${ref.collection}/${ref.id}`, this.#parts.monotonic() + ms)
  }
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
