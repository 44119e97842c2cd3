import type { Checkpoint, Origin } from '../contracts/remote-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Hlc, Rev } from '../model/document.ts'

/** A change that the remote sent and this replica did not take: the document stays as it was here. */
export interface RefusedChange {
  readonly collection: string
  readonly id: string
  readonly rev: Rev
  /** Error code of the check that it failed. */
  readonly reason: string
}

/**
 * The root of a local database. Each commit of the leader expects the exact text of the manifest
 * that it knows, so a leader that was replaced cannot commit. Ordinary writes never touch it.
 */
export interface Manifest {
  readonly format: 1
  /** Grows with each manifest written. */
  readonly generation: number
  /** Grows with each leader: the fencing token. */
  readonly fence: number
  readonly replica: string
  /** Whose mutations these are; null if the application named no user. */
  readonly user: string | null
  readonly origin: Origin | null
  readonly checkpoints: Readonly<Record<string, Checkpoint>>
  /** Collections that are being read from the beginning; what is not met there is gone at the remote. */
  readonly reconciling: readonly string[]
  /** True while that is because the remote's history is another one than before. */
  readonly rewound: boolean
  /** The latest changes from the remote that were malformed or unsafe, and so not taken. */
  readonly refused: readonly RefusedChange[]
  /** Collections that stay on this device, as of the last leader. */
  readonly localOnly: readonly string[]
  /** At least the clock at this commit. */
  readonly hlc: Hlc
  /** No page or ledger record has this number or a higher one, but for ledger records written since. */
  readonly nextNo: number
  readonly pages: readonly (readonly [no: number, count: number, bytes: number])[]
  /** Per writer, the last log record that was folded away. */
  readonly folded: Readonly<Record<string, number>>
}

export function encodeManifest(manifest: Manifest): string {
  return JSON.stringify(manifest)
}

export function decodeManifest(text: unknown): Manifest {
  const manifest = parse(text)
  if (manifest.format !== 1) {
    throw new HoldfastError(
      'store_corrupt',
      `The local database has format ${String(manifest.format)}, which this version cannot read. Nothing was changed. Update Holdfast, or open another database.`,
      { details: { format: manifest.format } },
    )
  }
  return manifest
}

function parse(text: unknown): Manifest {
  try {
    if (typeof text === 'string') return JSON.parse(text) as Manifest
  } catch (cause) {
    throw corrupt(cause)
  }
  throw corrupt(undefined)
}

function corrupt(cause: unknown): HoldfastError {
  return new HoldfastError(
    'store_corrupt',
    'The manifest of the local database cannot be read. Nothing was changed. A wrong key or a damaged store is the likely cause.',
    { cause },
  )
}

export function newManifest(of: Pick<Manifest, 'replica' | 'user' | 'hlc'>): Manifest {
  return {
    format: 1,
    generation: 0,
    fence: 0,
    replica: of.replica,
    user: of.user,
    origin: null,
    checkpoints: {},
    reconciling: [],
    rewound: false,
    refused: [],
    localOnly: [],
    hlc: of.hlc,
    nextNo: 1,
    pages: [],
    folded: {},
  }
}
