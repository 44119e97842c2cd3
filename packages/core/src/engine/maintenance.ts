import type { InLane } from '../apply/lane.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { nextCompaction } from '../storage/compact.ts'
import { foldableCount, nextFoldStep } from '../storage/fold.ts'
import type { LedgerEntry } from '../storage/ledger-entry.ts'
import type { Storage } from '../storage/storage.ts'

/** Folding begins at so many entries by itself. */
const FOLD_AT = 256

export interface MaintenanceParts {
  readonly storage: Storage
  readonly inLane: InLane
  readonly runtime: Pick<Runtime, 'whenIdle'>
  /** What is pending in collections that stay on this device. */
  readonly localEntries: () => LedgerEntry[]
  readonly onError: (error: unknown) => void
}

/** The leader's housekeeping, in idle time, one small commit after the other. */
export class Maintenance {
  readonly #parts: MaintenanceParts
  #cancel: (() => void) | null = null
  #isStopped = false
  /** Grows while a fold could not make the ledger smaller, since log records before it are still pending. */
  #foldAt = FOLD_AT

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
  }

  /** Asks for a look at what there is to do. */
  request(): void {
    const { storage, runtime, onError } = this.#parts
    if (this.#isStopped || this.#cancel !== null || !storage.isLeader) return
    this.#cancel = runtime.whenIdle(() => {
      this.#cancel = null
      this.#work().then((didWork) => {
        if (didWork) this.request()
      }, onError)
    })
  }

  /** Writes to local-only collections take effect. */
  async settleLocal(): Promise<void> {
    const { storage, inLane, localEntries } = this.#parts
    await inLane(async () => {
      const ledger = storage.isLeader ? localEntries() : []
      if (ledger.length > 0) await storage.commit({ ledger })
    })
  }

  async #work(): Promise<boolean> {
    await this.settleLocal()
    return this.#step(this.#foldAt)
  }

  /** Does all there is to do, now. */
  async run(): Promise<void> {
    await this.settleLocal()
    while (await this.#step(1));
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
    this.#cancel = null
  }

  #step(foldAt: number): Promise<boolean> {
    const { storage, inLane } = this.#parts
    return inLane(async () => {
      if (this.#isStopped || !storage.isLeader) return false
      const { state } = storage
      const before = foldableCount(state)
      if (before >= foldAt) {
        await storage.commit(nextFoldStep(state, (id) => storage.isUnconfirmed(id)))
        const after = foldableCount(state)
        this.#foldAt = Math.max(FOLD_AT, 2 * after)
        return after < before
      }
      const compaction = await nextCompaction(state, (no) => storage.cache.readPage(no))
      if (compaction === null) return false
      await storage.commit(compaction)
      return true
    })
  }
}
