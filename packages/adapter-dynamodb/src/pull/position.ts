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
  /** Tells this bootstrap from any other. */
  readonly bootstrap: string
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
  /**
   * Up to this number the log itself is the bootstrap: its items are read one and all, and none may be
   * gone. 0 when the position is past it.
   */
  readonly replayTo: number
  /** The bootstrap that scanned; empty when the position is past it. */
  readonly bootstrap: string
  /** Mark of the log item at `number`; empty if that item was not seen. */
  readonly mark: string
}

export function formatPosition(position: Position): Checkpoint {
  return JSON.stringify(
    position.kind === 'scanning'
      ? ['scanning', position.start, position.bootstrap, position.after]
      : [
          'following',
          position.number,
          position.bootstrap,
          position.mark,
          position.scannedTo,
          position.replayTo,
        ],
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
  const [kind, number, bootstrap, text, scannedTo, replayTo] = parts as unknown[]
  if (!isCount(number) || typeof bootstrap !== 'string' || typeof text !== 'string') return null
  if (kind === 'scanning') return { kind, start: number, bootstrap, after: text }
  if (kind !== 'following' || !isCount(scannedTo) || !isCount(replayTo)) return null
  return { kind, number, bootstrap, mark: text, scannedTo, replayTo }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
