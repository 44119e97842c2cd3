import type { PushAnswer, PushOutcome, PushRequest } from '@holdfast/core'
import { isConflict, isRefused, isThrottle, type Transacted } from '../call.ts'
import { parseDocument } from '../document-item.ts'
import { classify, protocolError, throttled } from '../failures.ts'
import { movedError, openHead, parseHead, readHead } from '../head.ts'
import type { HeadGuess } from '../head-number.ts'
import { readSettled } from '../read-documents.ts'
import { abortedError } from '../runtime.ts'
import type { Space } from '../space.ts'
import { Ahead, type Made } from './ahead.ts'
import { Pace } from './pace.ts'
import { preparerOf } from './prepare.ts'
import { type Refusal, settle, tookEffect, untoldOf } from './settle.ts'
import { FIRST_DOCUMENT_PLACE, HEAD_PLACE, LOG_PLACE } from './transaction.ts'
import { plan, type Slot, type Unit } from './unit.ts'

/** Transactions in a row without any outcome, until the rest is handed back. */
const FRUITLESS = 24

type Outcomes = Map<number, PushOutcome>
type Cancelled = Extract<Transacted<unknown>, { reasons: unknown }>

/** The pushes of one client to one space, one transaction in flight at a time. */
export class PushLane {
  readonly #space: Space
  readonly #pace: Pace
  readonly #prepare: ReturnType<typeof preparerOf>
  #tail: Promise<unknown> = Promise.resolve()

  constructor(space: Space) {
    this.#space = space
    this.#pace = new Pace(space.runtime)
    this.#prepare = preparerOf(space.space)
  }

  push(request: PushRequest): Promise<PushAnswer> {
    const answer = this.#tail.then(() => this.#run(request))
    this.#tail = answer.catch(() => {})
    return orAborted(answer, request.signal)
  }

  async #run({ mutations, signal }: PushRequest): Promise<PushAnswer> {
    const { units, outcomes } = plan(
      mutations.map((each, index) => this.#prepare(index, each)),
      mutations,
    )
    const unsent = outcomes.size
    let queue: readonly Unit[] = units
    let fruitless = 0
    const ahead = new Ahead(this.#space, signal)
    try {
      while (queue.length > 0 && fruitless < FRUITLESS) {
        const before = outcomes.size
        await this.#pace.ready(signal)
        const head = this.#space.headNumber.guess() ?? (await this.#readHead(signal))
        const made = ahead.take(queue, { head, documents: this.#pace.documents })
        const sent = this.#send(made, outcomes, signal)
        ahead.follow(made)
        const again = await sent
        queue = again.length === 0 ? made.rest : [...again, ...made.rest]
        fruitless = outcomes.size > before ? 0 : fruitless + 1
      }
      handBack(queue, outcomes, { after: Math.ceil(this.#pace.transactionMs * 16), reason: 'contention' })
    } catch (error) {
      this.#space.headNumber.forget()
      const failure = classify(error, signal)
      // What took effect is told; what is not known is sent again, and then meets the failure alone.
      if (outcomes.size === unsent || failure.code === 'aborted') throw failure
      const { retryAfter } = failure.details
      handBack(queue, outcomes, {
        after: typeof retryAfter === 'number' ? retryAfter : 0,
        reason: failure.code,
      })
    } finally {
      ahead.end()
    }
    return {
      outcomes: mutations.map(
        (_, index) => outcomes.get(index) ?? { kind: 'retry', after: 0, reason: 'lost' },
      ),
    }
  }

  /** Sends one transaction; returns what of its batch has to be sent again. */
  async #send({ batch, terms, transaction }: Made, outcomes: Outcomes, signal: AbortSignal): Promise<Unit[]> {
    const { headNumber, runtime } = this.#space
    const { head } = terms
    const started = runtime.monotonic()
    const result = await transaction.send()
    if ('reasons' in result) return this.#cancelled(batch, head, result, outcomes, signal)
    this.#pace.won(runtime.monotonic() - started)
    headNumber.know({ number: head.number + 1, epoch: head.epoch })
    for (const { slots } of batch) {
      for (const { index, mutation } of slots.flat()) {
        outcomes.set(index, { kind: 'applied', rev: mutation.id, hlc: mutation.hlc })
      }
    }
    return []
  }

  async #readHead(signal: AbortSignal): Promise<HeadGuess> {
    const head = await openHead(this.#space, signal)
    if (head.movedTo !== null) throw movedError(head.movedTo)
    this.#space.headNumber.know(head)
    return head
  }

  async #cancelled(
    batch: readonly Unit[],
    head: HeadGuess,
    { reasons, cause }: Cancelled,
    outcomes: Outcomes,
    signal: AbortSignal,
  ): Promise<Unit[]> {
    if (reasons.some(isThrottle)) throw throttled(cause)
    const headReason = reasons[HEAD_PLACE]
    if (isRefused(headReason)) {
      const now = headReason?.Item === undefined ? null : parseHead(headReason.Item)
      if (now !== null && now.movedTo !== null) throw movedError(now.movedTo)
      if (now === null) this.#space.headNumber.forget()
      else this.#space.headNumber.know(now)
      this.#pace.stale()
    } else if (reasons.some(isConflict)) this.#pace.lost()
    else if (isRefused(reasons[LOG_PLACE])) await this.#checkLog(head, signal)

    const refusals = new Map<Slot, Refusal>()
    const unknown = new Set<Slot>()
    for (const [place, slot] of batch.flatMap((unit) => unit.slots).entries()) {
      const reason = reasons[FIRST_DOCUMENT_PLACE + place]
      if (isRefused(reason)) refusals.set(slot, { current: reason?.Item ? parseDocument(reason.Item) : null })
      else if (reason?.Code === 'ValidationError') refusals.set(slot, { invalid: true })
      else if (isConflict(reason)) unknown.add(slot)
    }
    const again: Unit[] = []
    for (const unit of batch) {
      for (const slot of untoldOf(unit, refusals, unknown)) {
        const current = await readSettled(this.#space, slot[0].key, signal)
        if (current === 'pending') unknown.add(slot)
        else if (current !== undefined && tookEffect(slot, current)) refusals.set(slot, { current })
      }
      const settled = settle(unit, refusals, unknown)
      for (const [index, outcome] of settled.outcomes) outcomes.set(index, outcome)
      if (settled.again !== null) again.push(settled.again)
    }
    const understood = refusals.size > 0 || reasons.slice(0, 2).some(isRefused) || reasons.some(isConflict)
    if (!understood)
      throw protocolError('DynamoDB cancelled a transaction for a reason that is not known here.')
    return again
  }

  /** A log item stood under the next number: either the head has moved on, or the two disagree for good. */
  async #checkLog(head: HeadGuess, signal: AbortSignal): Promise<void> {
    const now = await readHead(this.#space, signal)
    if (now !== null && now.number === head.number && now.epoch === head.epoch) {
      throw protocolError('The log of the space is ahead of its head. Someone wrote around the push.', {
        number: head.number,
      })
    }
    this.#space.headNumber.forget()
  }
}

function handBack(
  queue: readonly Unit[],
  outcomes: Outcomes,
  { after, reason }: { after: number; reason: string },
): void {
  for (const { slots } of queue) {
    for (const { index } of slots.flat()) {
      if (!outcomes.has(index)) outcomes.set(index, { kind: 'retry', after, reason })
    }
  }
}

/** What waits for its turn hears of the signal at once. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortedError())
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
