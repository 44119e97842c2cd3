import type { Origin, PullPage, RemoteChange } from '../contracts/remote-store.ts'
import { isHoldfastError } from '../errors/holdfast-error.ts'
import { isSameVersion, type LocatedVersion } from '../model/document.ts'
import { checkRemoteValue, type DocumentLimits } from '../model/validate.ts'
import type { CommitPlan } from '../storage/commit.ts'
import type { LedgerEntry } from '../storage/ledger-entry.ts'
import type { LocalState } from '../storage/local-state.ts'
import type { Row } from '../storage/row.ts'
import { keptGround, type ReconcileParts, reconciled, resumed } from './reconcile.ts'

export interface PlanParts extends ReconcileParts {
  /** Collections that are synced. */
  readonly collections: readonly string[]
  readonly maxBytesOf: (collection: string) => number
  /** Collections that are being read from the beginning of the feed: at its end, all of them was met. */
  readonly fromStart: ReadonlySet<string>
}

/**
 * What one pulled page changes locally. A change is news if its version is newer than the base:
 * along the versions of a document the HLC grows. While a collection is being reconciled, also an
 * older version replaces a base that was not confirmed since, as after a restore.
 */
export function planPage(page: PullPage, parts: PlanParts): CommitPlan | null {
  const { state, fromStart } = parts
  const { manifest } = state
  const isMoved = manifest.origin !== null && !isSameOrigin(manifest.origin, page.origin)
  const begun = isMoved ? parts.collections : [...(page.reset ?? []), ...pushedOnly(parts)]
  for (const collection of begun) state.beginReconciliation(collection)
  for (const row of state.pushedUnderWay ?? []) {
    if (!begun.includes(row.collection)) continue
    state.undecided.add(row.collection)
    row.confirmed = state.reconciliationOf(row.collection)
  }
  state.pushedUnderWay = null
  const isMovedSince = isMoved || manifest.rewound
  const versions: LocatedVersion[] = []
  const ledger: LedgerEntry[] = []
  const unreadable = new Set<string>()
  const refused = new Map(manifest.refused.map((each) => [`${each.collection}/${each.id}`, each]))
  const rows = rowsOf(page.changes, state)
  let limits: DocumentLimits = { collection: '', maxBytes: 0 }
  for (let i = 0; i < rows.length; i++) {
    const [change, row] = [page.changes[i] as RemoteChange, rows[i]]
    if (row === null) continue
    const kind = isMovedSince && isRewritten(change, row) ? 'news' : newsOf(change, row, state)
    if (kind === 'value missing') unreadable.add(change.collection)
    if (kind !== 'news') continue
    const { collection, id, rev } = change
    const lostHere = isMovedSince && isRewound(change, row, state) ? row : undefined
    // Met, though not applied yet: the end of a reconciliation must not take it for gone.
    if (row !== undefined) row.confirmed = state.reconciliationOf(collection)
    if (limits.collection !== collection) limits = { collection, maxBytes: parts.maxBytesOf(collection) }
    const fault = faultOf(change, limits)
    if (fault !== null) {
      refused.set(`${collection}/${id}`, { collection, id, rev, reason: fault })
      continue
    }
    if (refused.size > 0) refused.delete(`${collection}/${id}`)
    versions.push(change)
    const resuming = lostHere === undefined ? [] : resumed(lostHere, change, parts)
    if (resuming.length > 0) ledger.push(...resuming)
    else if (row !== undefined) ledger.push(...keptGround(row))
  }
  const wasReconciling = new Set([...manifest.reconciling, ...begun])
  // A feed that is held back ends before what was committed and acknowledged long ago.
  const isHeldBack = page.lag !== undefined
  const done =
    page.hasMore || isHeldBack
      ? []
      : [...wasReconciling].filter(
          (name) => fromStart.has(name) && !unreadable.has(name) && !state.undecided.has(name),
        )
  ledger.push(...reconciled(done, { ...parts, isRewound: isMovedSince }))
  const reconciling = [...new Set([...wasReconciling, ...unreadable])].filter((name) => !done.includes(name))
  const rewound = isMovedSince && reconciling.length > 0
  for (const name of unreadable) if (!wasReconciling.has(name)) state.beginReconciliation(name)
  const checkpoints = { ...manifest.checkpoints, ...page.checkpoints }
  for (const collection of unreadable) delete checkpoints[collection]
  const isUnchanged =
    versions.length === 0 &&
    ledger.length === 0 &&
    manifest.origin !== null &&
    !isMoved &&
    reconciling.length === 0 &&
    wasReconciling.size === 0 &&
    isSame(refused.values(), manifest.refused) &&
    Object.entries(checkpoints).every(([collection, text]) => manifest.checkpoints[collection] === text)
  return isUnchanged
    ? null
    : {
        versions,
        ledger,
        manifest: {
          origin: page.origin,
          checkpoints,
          reconciling,
          rewound,
          refused: [...refused.values()].slice(-MAX_REFUSED),
        },
      }
}

/**
 * Collections that are read for the first time, and of which a push already made something known:
 * that may be gone from the remote since, without a trace.
 */
function pushedOnly({ state, fromStart, collections }: PlanParts): readonly string[] {
  const { checkpoints, reconciling } = state.manifest
  return collections.filter(
    (name) =>
      fromStart.has(name) &&
      checkpoints[name] === undefined &&
      !reconciling.includes(name) &&
      [...state.tables.rowsOf(name)].some((row) => row.rev !== ''),
  )
}

/**
 * The row of each change; null for one that is not to be looked at. Of several versions of a document
 * that is known that is all but the last one: while a collection is reconciled, an older one would replace
 * the base that the last one confirms. Those of a new document follow each other into the pages.
 */
function rowsOf(changes: readonly RemoteChange[], { tables }: LocalState): (Row | undefined | null)[] {
  const met = new Set<Row>()
  const rows: (Row | undefined | null)[] = changes.map(({ collection, id }) => tables.get(collection, id))
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i]
    if (!row) continue
    if (met.has(row)) rows[i] = null
    else met.add(row)
  }
  return rows
}

/** Only so many are remembered, the latest. */
const MAX_REFUSED = 100

function isSame<T>(some: Iterable<T>, others: readonly T[]): boolean {
  const list = [...some]
  return list.length === others.length && list.every((one, i) => one === others[i])
}

export function isSameOrigin(a: Origin, b: Origin): boolean {
  return a.remote === b.remote && a.epoch === b.epoch
}

function newsOf(
  change: RemoteChange,
  row: Row | undefined,
  state: LocalState,
): 'news' | 'known' | 'value missing' {
  const era = state.reconciliationOf(change.collection)
  // A server that forgot a tombstone may give the document that came back a timestamp of its own.
  if (row !== undefined && row.rev === change.rev && row.hlc >= change.hlc) {
    row.confirmed = era
    return 'known'
  }
  // In flight from here: its push is answered with what stands, and until then it is not someone else's.
  // A base that came after it and was rewound gives way all the same.
  if (row?.pending?.frozen?.sent.id === change.rev && !isRewound(change, row, state)) {
    row.confirmed = era
    return 'known'
  }
  if (change.own) {
    const isOvertaken = row !== undefined && row.confirmed === era && row.hlc > change.hlc
    return isOvertaken ? 'known' : 'value missing'
  }
  if (row === undefined || row.rev === '') return 'news'
  return row.confirmed < era || change.hlc > row.hlc ? 'news' : 'known'
}

/** In a rewound history, another document under the revision that is known here. */
function isRewritten(change: RemoteChange, row: Row | undefined): boolean {
  return !change.own && row?.rev === change.rev && !isSameVersion(change, row)
}

/** In a rewound history, a version that is older than ours: what we wrote since is not there. */
function isRewound(change: RemoteChange, row: Row | undefined, state: LocalState): boolean {
  if (row === undefined || row.rev === '') return false
  return row.confirmed < state.reconciliationOf(change.collection) && row.hlc > change.hlc
}

/** Why the payload of a change cannot be taken; null: it can. */
function faultOf({ id, value }: RemoteChange, limits: DocumentLimits): string | null {
  if (value === null) return null
  try {
    checkRemoteValue(value, id, limits)
    return null
  } catch (error) {
    return isHoldfastError(error) ? error.code : 'invalid_document'
  }
}
