import type { Checkpoint } from '@holdfast/core'

/** Where one collection stands in the feed. */
export type Position = Scanning | Following

/** A bootstrap: the documents are read in the order of their ids. */
export interface Scanning {
  readonly kind: 'scanning'
  /** Number on the head when the bootstrap began. */
  readonly start: number
  /** The last sort key that was read. */
  readonly after: string
}

export interface Following {
  readonly kind: 'following'
  /** Everything up to this log number is known. */
  readonly number: number
  /**
   * Up to this number the documents were scanned: a log item that is gone is no loss. 0 when the
   * position is past it.
   */
  readonly scannedTo: number
  /** Mark of the log item at `number`; empty if that item was not seen. */
  readonly mark: string
}

export function formatPosition(position: Position): Checkpoint {
  return JSON.stringify(
    position.kind === 'scanning'
      ? ['scanning', position.start, position.after]
      : ['following', position.number, position.scannedTo, position.mark],
  )
}

/** Null if the text is not a position of this layout. */
export function parsePosition(checkpoint: Checkpoint): Position | null {
  let parts: unknown
  try {
    parts = JSON.parse(checkpoint)
  } catch {
    return null
  }
  if (!Array.isArray(parts)) return null
  const [kind, number, third, mark] = parts as unknown[]
  if (!isCount(number)) return null
  if (kind === 'scanning' && typeof third === 'string') return { kind, start: number, after: third }
  if (kind === 'following' && isCount(third) && typeof mark === 'string') {
    return { kind, number, scannedTo: third, mark }
  }
  return null
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
