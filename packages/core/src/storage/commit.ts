import type { LocatedVersion } from '../model/document.ts'
import { latestOf } from '../model/hlc.ts'
import { LEDGER, ledgerKey, logsUpTo, MANIFEST_KEY, pageKey } from './keys.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { encodeManifest, type Manifest } from './manifest.ts'
import { encodeLedger, encodePages, type RecordText } from './records.ts'

/** What one commit of the leader changes, all or nothing. */
export interface CommitPlan {
  /** New bases: they go into pages. */
  readonly versions?: readonly LocatedVersion[]
  /** Bases that only move to newer pages. */
  readonly moved?: readonly LocatedVersion[]
  readonly ledger?: readonly LedgerEntry[]
  readonly manifest?: Partial<
    Pick<Manifest, 'origin' | 'checkpoints' | 'reconciling' | 'rewound' | 'refused' | 'localOnly'>
  >
  readonly removePages?: readonly number[]
  /** Tombstones of removed pages that no older copy needs: forgotten. */
  readonly forget?: readonly (readonly [collection: string, id: string])[]
  /** Ledger records with a lower number are replaced by `ledger`. */
  readonly removeLedger?: boolean
  readonly foldLogs?: Readonly<Record<string, number>>
}

export interface EncodedCommit {
  readonly pages: readonly (RecordText & { readonly no: number })[]
  readonly ledger: readonly (RecordText & { readonly no: number })[]
  readonly manifest: Manifest
  /** Unchanged if the commit needs no new manifest. */
  readonly manifestText: string
  readonly nextNo: number
  readonly batch: {
    readonly deleteRanges: { readonly from: string; readonly to: string }[]
    readonly delete: string[]
    readonly put: [string, string][]
  }
}

/** Turns a plan into one batch. `nextNo` is the first free number. */
export function encodeCommit(
  plan: CommitPlan,
  current: { manifest: Manifest; manifestText: string; nextNo: number; hlc: string },
): EncodedCommit {
  let no = current.nextNo
  const numbered = (records: readonly RecordText[]) => records.map((record) => ({ ...record, no: no++ }))
  const pages = numbered(encodePages([...(plan.moved ?? []), ...(plan.versions ?? [])]))
  const ledger = numbered(encodeLedger(plan.ledger ?? []))
  const folded = Object.entries(plan.foldLogs ?? {})
  const isManifestNew =
    pages.length > 0 ||
    plan.manifest !== undefined ||
    plan.removePages !== undefined ||
    plan.removeLedger ||
    folded.length > 0
  const manifest = isManifestNew ? nextManifest(plan, current, { pages, nextNo: no }) : current.manifest
  const manifestText = isManifestNew ? encodeManifest(manifest) : current.manifestText
  return {
    pages,
    ledger,
    manifest,
    manifestText,
    nextNo: no,
    batch: {
      deleteRanges: [
        ...(plan.removeLedger ? [{ from: LEDGER.from, to: ledgerKey(current.nextNo) }] : []),
        ...folded.map(([writer, seq]) => logsUpTo(writer, seq)),
      ],
      delete: (plan.removePages ?? []).map(pageKey),
      put: [
        ...pages.map(({ no, text }): [string, string] => [pageKey(no), text]),
        ...ledger.map(({ no, text }): [string, string] => [ledgerKey(no), text]),
        ...(isManifestNew ? [[MANIFEST_KEY, manifestText] as [string, string]] : []),
      ],
    },
  }
}

function nextManifest(
  plan: CommitPlan,
  current: { manifest: Manifest; hlc: string },
  made: { pages: EncodedCommit['pages']; nextNo: number },
): Manifest {
  const { manifest } = current
  const removed = new Set(plan.removePages)
  return {
    ...manifest,
    ...plan.manifest,
    checkpoints: plan.manifest?.checkpoints ?? manifest.checkpoints,
    generation: manifest.generation + 1,
    hlc: latestOf(current.hlc, manifest.hlc),
    nextNo: made.nextNo,
    pages: [
      ...manifest.pages.filter(([no]) => !removed.has(no)),
      ...made.pages.map(({ no, count, text }) => [no, count, text.length] as const),
    ],
    folded: latestWriters({ ...manifest.folded, ...plan.foldLogs }),
  }
}

/** Writers whose fold marks are remembered: more tabs than that are not open at once, and one that is forgotten reads again. */
const MAX_WRITERS = 64

/** Each open adds a writer, and none says when it is gone: the marks of the oldest are dropped. */
function latestWriters(folded: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const marks = Object.entries(folded)
  return marks.length <= MAX_WRITERS ? folded : Object.fromEntries(marks.slice(-MAX_WRITERS))
}
