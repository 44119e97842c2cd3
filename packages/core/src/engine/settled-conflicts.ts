import type { Decision } from '../contracts/conflict-strategy.ts'
import type { ListenerErrorHandler } from '../observe/listeners.ts'
import type { LedgerEntry } from '../storage/ledger-entry.ts'
import type { DocumentRef } from './commands.ts'

/** A conflict that was settled: by the rules of its collection, or by a person. */
export interface SettledConflict extends DocumentRef {
  /** What was chosen, field by field, and why. */
  readonly decisions: readonly Decision[]
}

/** Tells listeners of the settled conflicts among what was committed. */
export class SettledConflicts {
  readonly #listeners = new Set<{ readonly tell: (conflict: SettledConflict) => void }>()
  readonly #onError: ListenerErrorHandler

  constructor(onError: ListenerErrorHandler) {
    this.#onError = onError
  }

  add(tell: (conflict: SettledConflict) => void): () => void {
    const entry = { tell }
    this.#listeners.add(entry)
    return () => {
      this.#listeners.delete(entry)
    }
  }

  tell(entries: readonly LedgerEntry[]): void {
    if (this.#listeners.size === 0) return
    for (const entry of entries) {
      if (entry.kind !== 'settled' || entry.decisions === undefined) continue
      this.#tellOne({ collection: entry.collection, id: entry.documentId, decisions: entry.decisions })
    }
  }

  #tellOne(conflict: SettledConflict): void {
    for (const { tell } of [...this.#listeners]) {
      try {
        tell(conflict)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
