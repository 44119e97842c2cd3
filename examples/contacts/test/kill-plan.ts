export interface Found {
  /** The writer's counter: its last batch that took effect. */
  readonly stand: number
  /** Batches whose contact is there, in order; one that is there twice stands twice. */
  readonly numbers: readonly number[]
}

const DELETES_EVERY = 10
const DELETES_BACK = 7

/** The batch whose contact goes with `batch`; 0 for none. */
export function deletedWith(batch: number): number {
  return batch % DELETES_EVERY === 0 ? batch - DELETES_BACK : 0
}

/** Batches whose contact is there after the batch `stand`. */
export function expectedNumbers(stand: number): number[] {
  const deleted = new Set(Array.from({ length: stand }, (_, index) => deletedWith(index + 1)))
  return Array.from({ length: stand }, (_, index) => index + 1).filter((batch) => !deleted.has(batch))
}
