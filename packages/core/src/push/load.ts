import type { RemoteCapabilities } from '../contracts/remote-store.ts'
import { utf8Length } from '../model/text-size.ts'
import type { LedgerEntry } from '../storage/ledger-entry.ts'
import type { Send } from './prepare.ts'

export interface BatchLimits
  extends Pick<RemoteCapabilities, 'maxBatch' | 'maxBatchBytes' | 'maxDocumentBytes' | 'atomicGroups'> {
  /** Most mutations that the remote takes in one push; `maxBatch` may be lower for a while. */
  readonly maxUnit: number
}

/** A mutation's part of a push besides its document, generously. */
const ENVELOPE_BYTES = 256
/** Documents that are measured as one text, which takes half of the time; fewer where they turn out large. */
const TOGETHER = 50

/** What goes together: a document, or those of a group. */
type Unit = readonly Send[]

/**
 * Fills one push with units, in their order, up to what the remote takes. What no push can carry is refused
 * by name, and never sent.
 */
export class Load {
  readonly sends: Send[] = []
  readonly refused: LedgerEntry[] = []
  isFull = false
  readonly #limits: BatchLimits
  readonly #now: number
  #unmeasured: Unit[] = []
  /** Of the units that were not measured yet. */
  #count = 0
  #bytes = 0

  constructor(limits: BatchLimits, now: number) {
    this.#limits = limits
    this.#now = now
  }

  /** False once nothing more fits. */
  add(unit: Unit): boolean {
    const { maxBatch } = this.#limits
    if (this.sends.length + this.#count + unit.length > maxBatch) this.close()
    if (this.isFull) return false
    this.#unmeasured.push(unit)
    this.#count += unit.length
    if (this.#count >= TOGETHER) this.close()
    return !this.isFull
  }

  /** Takes in what was added, as far as it fits. */
  close(): void {
    const units = this.#unmeasured
    const all = units.flat()
    this.#unmeasured = []
    this.#count = 0
    const bytes = bytesOf(all)
    const fits = this.#fits(all, bytes)
    if (fits && bytes <= this.#limits.maxDocumentBytes && !units.some((unit) => this.#isTooMany(unit))) {
      this.#take(all, bytes)
    } else for (const unit of units) if (!this.#addAlone(unit)) return
  }

  #addAlone(unit: Unit): boolean {
    const sizes = unit.map((send) => bytesOf([send]))
    const isTooLarge = sizes.some((bytes) => bytes > this.#limits.maxDocumentBytes)
    if (isTooLarge || this.#isTooMany(unit)) {
      this.#refuse(unit, isTooLarge ? 'too_large' : 'group_too_large')
      return true
    }
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    // What is larger than a push by itself goes by itself.
    this.isFull = this.sends.length > 0 && !this.#fits(unit, bytes)
    if (!this.isFull) this.#take(unit, bytes)
    return !this.isFull
  }

  #fits(sends: readonly Send[], bytes: number): boolean {
    const { maxBatch, maxBatchBytes } = this.#limits
    const whole = this.#bytes + bytes + sends.length * ENVELOPE_BYTES
    return this.sends.length + sends.length <= maxBatch && whole <= maxBatchBytes
  }

  #take(sends: readonly Send[], bytes: number): void {
    for (const send of sends) this.sends.push(send)
    this.#bytes += bytes + sends.length * ENVELOPE_BYTES
  }

  #isTooMany(unit: Unit): boolean {
    const { atomicGroups, maxUnit } = this.#limits
    const isTooMany = unit.length > 1 && (unit.length > atomicGroups || unit.length > maxUnit)
    return isTooMany && unit[0]?.sent.group !== undefined
  }

  #refuse(unit: Unit, reason: 'too_large' | 'group_too_large'): void {
    for (const { row, ids } of unit) {
      const failure = { reason, at: this.#now }
      this.refused.push({ kind: 'failed', collection: row.collection, documentId: row.id, ids, failure })
    }
  }
}

/** Of the JSON of their documents in UTF-8. */
function bytesOf(sends: readonly Send[]): number {
  const values = sends.flatMap(({ sent }) => (sent.value === null ? [] : [sent.value]))
  if (values.length === 0) return 0
  // Without the brackets of the list and the commas in it.
  return utf8Length(JSON.stringify(values)) - values.length - 1
}
