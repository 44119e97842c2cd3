import type { PushOutcome } from '../contracts/remote-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Document, LocatedVersion, Version } from '../model/document.ts'
import { checkRemoteValue } from '../model/validate.ts'
import { mutationId, randomPart } from '../runtime/clock.ts'
import type { CommitPlan } from '../storage/commit.ts'
import type { Failure, LedgerEntry } from '../storage/ledger-entry.ts'
import { baseOf } from '../storage/row.ts'
import type { Send } from './prepare.ts'

/**
 * A conflict that names no newer version than is known here: the remote was rewound, which the next
 * pull tells, or a pull told of it while this was under way.
 */
const STALE_WAIT_MS = 1000

export interface SettleParts {
  readonly now: number
  readonly randomHex: (digits: number) => string
  readonly maxBytesOf: (collection: string) => number
}

/** A conflict that the push met; how it is settled is told when its merged form is sent. */
export interface Settled {
  readonly plan: CommitPlan
  readonly counts: Readonly<Record<PushOutcome['kind'], number>>
  /** Documents to leave alone for some ms. */
  readonly waits: readonly { readonly send: Send; readonly after: number }[]
}

/**
 * Turns the outcomes of one push into one commit. The base only moves forward: along the versions
 * of a document the HLC grows, so a version that a pull brought meanwhile is not replaced by an
 * older one. `protocol`: a document in an answer cannot be taken.
 */
export function settle(
  sends: readonly Send[],
  outcomes: readonly PushOutcome[],
  parts: SettleParts,
): Settled {
  const versions: LocatedVersion[] = []
  const ledger: LedgerEntry[] = []
  const waits: { send: Send; after: number }[] = []
  const counts = { applied: 0, duplicate: 0, conflict: 0, rejected: 0, retry: 0 }
  const undone = groupsUndone(sends, outcomes)
  for (const [i, send] of sends.entries()) {
    const outcome = outcomes[i] ?? { kind: 'retry' as const, after: 0, reason: 'no outcome' }
    counts[outcome.kind]++
    if (outcome.kind === 'applied') ledger.push(...applied(send, outcome, parts))
    else if (outcome.kind === 'duplicate') {
      const newer = newerBase(send, outcome.current, parts)
      if (newer !== null && newer.rev !== send.sent.id) versions.push(newer)
      ledger.push(...duplicate(send, outcome.current, parts))
    } else if (outcome.kind === 'conflict') {
      const newer = newerBase(send, outcome.current, parts)
      const isForgotten = outcome.current === null && send.row.rev === (send.sent.base ?? '')
      if (newer !== null) versions.push(newer)
      else if (send.row.rev === (send.sent.base ?? '') && !isForgotten)
        waits.push({ send, after: STALE_WAIT_MS })
      ledger.push(...conflicted(send, { newer, isForgotten }, parts))
    } else if (outcome.kind === 'rejected') {
      ledger.push(underAnotherId(send, parts))
      ledger.push({ kind: 'failed', ...located(send), ids: send.ids, failure: failureOf(outcome, parts.now) })
    } else {
      if (undone.has(send.sent.group)) ledger.push(underAnotherId(send, parts))
      waits.push({ send, after: outcome.after })
    }
  }
  return { plan: { versions, ledger }, counts, waits }
}

/**
 * Groups of which a member met a conflict or was refused: none of it took effect. The others are
 * free again too, or they would be sent without it.
 */
function groupsUndone(sends: readonly Send[], outcomes: readonly PushOutcome[]): Set<string | undefined> {
  const undone = new Set(
    sends
      .filter((_send, i) => outcomes[i]?.kind === 'conflict' || outcomes[i]?.kind === 'rejected')
      .map(({ sent }) => sent.group),
  )
  undone.delete(undefined)
  return undone
}

function located({ row }: Send): { collection: string; documentId: string } {
  return { collection: row.collection, documentId: row.id }
}

function applied(
  send: Send,
  outcome: Extract<PushOutcome, { kind: 'applied' }>,
  parts: SettleParts,
): LedgerEntry[] {
  const { rev, hlc } = outcome
  const sendsValue = outcome.value !== undefined
  const value = outcome.value === undefined ? send.sent.value : checkedValue(outcome.value, send, parts)
  return settledAs(send, { rev, hlc, value }, { isNews: outcome.hlc > send.row.hlc, sendsValue, parts })
}

function duplicate(send: Send, current: Version, parts: SettleParts): LedgerEntry[] {
  const isOurs = current.rev === send.sent.id
  const version = isOurs
    ? { ...current, value: checkedValue(current.value, send, parts) }
    : { rev: send.sent.id, hlc: send.sent.hlc, value: send.sent.value }
  const isNews = isOurs && current.hlc > send.row.hlc
  return settledAs(send, version, { isNews, sendsValue: true, parts })
}

/**
 * The mutations took effect as `version`, which becomes the base if it `isNews`; what is left stands on
 * it. Where they were taken back before, what is left may have been sent with them, under its own id.
 */
function settledAs(
  send: Send,
  version: Version,
  options: { isNews: boolean; sendsValue: boolean; parts: SettleParts },
): LedgerEntry[] {
  const { pending, collection, id: documentId } = send.row
  const { rev, hlc, value } = version
  const made = !options.isNews ? {} : options.sendsValue ? { rev, hlc, value } : { rev, hlc }
  const settled: LedgerEntry = {
    kind: 'settled',
    collection,
    documentId,
    ids: send.ids,
    how: 'applied',
    ...made,
    ...decisionsOf(send),
  }
  const hasMore = (pending?.mutations.length ?? 0) > send.ids.length
  if (!hasMore) return [settled]
  const wasTakenBack = send.sent.id !== send.ids.at(-1)
  return [
    settled,
    ...(wasTakenBack ? [underAnotherId(send, options.parts)] : []),
    ...(options.isNews ? [] : [{ kind: 'stands' as const, ...located(send), on: version }]),
  ]
}

/**
 * What was sent may have taken effect once, longer ago than the remote remembers, or a late copy of it
 * may yet. Sent as something else it gets another id, or a change that was made on the one version
 * would pass for one of the other, and what was never sent for what took effect.
 */
function underAnotherId(send: Send, { randomHex }: SettleParts): LedgerEntry {
  return { kind: 'thawed', ...located(send), next: mutationId(send.sent.hlc, randomPart(randomHex)) }
}

function conflicted(
  send: Send,
  found: { newer: Version | null; isForgotten: boolean },
  parts: SettleParts,
): LedgerEntry[] {
  const { row } = send
  const thawed = underAnotherId(send, parts)
  const stands: LedgerEntry[] =
    row.pending?.standsOn.kind === 'base' ? [{ kind: 'stands', ...located(send), on: baseOf(row) }] : []
  if (found.isForgotten) return [thawed, ...stands, { kind: 'forgotten', ...located(send) }]
  return found.newer === null ? [thawed] : [thawed, ...stands]
}

function newerBase(send: Send, current: Version | null, parts: SettleParts): LocatedVersion | null {
  if (current === null || current.hlc <= send.row.hlc) return null
  return {
    collection: send.row.collection,
    id: send.row.id,
    rev: current.rev,
    hlc: current.hlc,
    value: checkedValue(current.value, send, parts),
  }
}

function checkedValue(value: Document | null, { row }: Send, { maxBytesOf }: SettleParts): Document | null {
  if (value === null) return null
  try {
    checkRemoteValue(value, row.id, { collection: row.collection, maxBytes: maxBytesOf(row.collection) })
    return value
  } catch (error) {
    throw unreadable(error)
  }
}

function unreadable(cause: unknown): HoldfastError {
  return new HoldfastError(
    'protocol',
    'The answer to a push holds a document that cannot be taken. What was sent may have taken effect; it is sent again. See cause.',
    { cause },
  )
}

function decisionsOf({ row }: Send) {
  const conflict = row.pending?.projection?.conflict
  return conflict && 'decisions' in conflict && conflict.decisions.length > 0
    ? { decisions: conflict.decisions }
    : {}
}

function failureOf(outcome: Extract<PushOutcome, { kind: 'rejected' }>, at: number): Failure {
  const { kind: _kind, ...failure } = outcome
  return { ...failure, at }
}
