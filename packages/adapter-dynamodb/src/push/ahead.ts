import type { HeadGuess } from '../head-number.ts'
import type { Space } from '../space.ts'
import { takeBatch } from './batch.ts'
import { type ReadyTransaction, readyTransaction } from './send.ts'
import { transactionOf } from './transaction.ts'
import type { Unit } from './unit.ts'

export interface Terms {
  readonly head: HeadGuess
  /** Most documents in it. */
  readonly documents: number
}

/** A transaction of the first units of a queue. */
export interface Made {
  readonly queue: readonly Unit[]
  readonly terms: Terms
  readonly batch: readonly Unit[]
  readonly rest: readonly Unit[]
  readonly transaction: ReadyTransaction
}

/**
 * Makes the transactions of one push. While one is under way the next is made for the case that this one
 * is applied: it is taken only for the very queue and terms that it was made for, and sent only then.
 */
export class Ahead {
  readonly #space: Space
  readonly #signal: AbortSignal
  #next: Made | null = null
  #cancel = () => {}

  constructor(space: Space, signal: AbortSignal) {
    this.#space = space
    this.#signal = signal
  }

  take(queue: readonly Unit[], terms: Terms): Made {
    const next = this.#next
    this.#next = null
    this.#cancel()
    if (next !== null && next.queue === queue && isSame(next.terms, terms)) return next
    next?.transaction.drop()
    return this.#make(queue, terms)
  }

  /** Call it when the transaction is sent: it is on its way before the next one is made. */
  follow({ rest, terms: { head, documents } }: Made): void {
    if (rest.length === 0) return
    this.#cancel = this.#space.runtime.setTimer(0, () => {
      this.#next = this.#make(rest, { head: { ...head, number: head.number + 1 }, documents })
    })
  }

  end(): void {
    this.#cancel()
    this.#next?.transaction.drop()
    this.#next = null
  }

  #make(queue: readonly Unit[], terms: Terms): Made {
    const { batch, rest } = takeBatch(queue, terms)
    const slots = batch.flatMap((unit) => unit.slots)
    const items = transactionOf(this.#space, terms.head, slots)
    return {
      queue,
      terms,
      batch,
      rest,
      transaction: readyTransaction(this.#space.client, items, this.#signal),
    }
  }
}

function isSame(a: Terms, b: Terms): boolean {
  return a.documents === b.documents && a.head.number === b.head.number && a.head.epoch === b.head.epoch
}
