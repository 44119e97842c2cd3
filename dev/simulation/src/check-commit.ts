import { type Decision, type Document, jsonEquals, type Mutation, type PushMutation } from '@holdfast/core'
import type { LedgerEntry, Row } from './core.ts'
import type { DiskModel, Effects } from './disk-model.ts'
import { isLocalOnly, keyOf } from './documents.ts'
import { fieldsThatDiffer, keptOver, type NetEffect, netEffectOf } from './net-effect.ts'
import type { ServerHistory } from './server-history.ts'
import { Violation } from './violation.ts'

export interface CommitContext {
  /** The disk as it was before the commit. */
  readonly model: DiskModel
  readonly history: ServerHistory
  /** The committing tab's row, as it was before the commit. */
  readonly rowOf: (collection: string, id: string) => Row | undefined
  /** The application asked for this document's changes to be given up. */
  readonly isDiscarded: (key: string) => boolean
}

/**
 * A base moves forward only: what a tab was shown, it does not see undone. But for a collection that
 * is read from the beginning, where nothing is known to be newer.
 */
export function checkVersions({ versions, manifest }: Effects, { model, rowOf }: CommitContext): void {
  const before = model.manifest
  for (const { collection, id, rev, hlc } of versions) {
    const row = rowOf(collection, id)
    if (row === undefined || row.rev === rev || hlc > row.hlc) continue
    if (before?.checkpoints[collection] === undefined) continue
    if (before.reconciling.includes(collection) || manifest?.reconciling.includes(collection)) continue
    throw new Violation('S9', `${keyOf(collection, id)}: the base goes back from ${row.rev} to ${rev}`)
  }
}

type Settled = Extract<LedgerEntry, { kind: 'settled' }>

/** What the ledger says must follow from what the server answered and from what the user did. */
export function checkLedger({ ledger, replacesLedger }: Effects, context: CommitContext): void {
  for (const entry of ledger) {
    if (entry.kind === 'frozen') checkFrozen(entry, context, replacesLedger)
    else if (entry.kind === 'thawed' && !replacesLedger) checkThawed(entry, context, ledger)
    else if (entry.kind === 'failed' && !replacesLedger) checkFailed(entry, context)
    else if (entry.kind === 'settled') checkSettled(entry, context)
    else if (entry.kind === 'gone') checkGone(entry.ids, context)
  }
}

function checkFrozen(
  entry: Extract<LedgerEntry, { kind: 'frozen' }>,
  context: CommitContext,
  isRepeated: boolean,
): void {
  const { model } = context
  const key = keyOf(entry.collection, entry.documentId)
  for (const id of entry.ids)
    if (!model.pending.has(id)) throw new Violation('S2', `${key}: ${id} is sent before it is durable`)
  if (isRepeated) return
  if (model.frozen.has(key)) throw new Violation('S2', `${key}: what is in flight was changed`)
  context.history.checkUnspent(entry.sent.id)
  const last = entry.ids.toSorted().at(-1) ?? ''
  if (model.failed.get(key)?.includes(last))
    throw new Violation('Q3', `${key}: sent again, though it was refused and nobody decided so`)
  const mutations = mutationsOf(entry.ids, model)
  const sent = model.sentBy(entry)
  const row = context.rowOf(entry.collection, entry.documentId)
  const pending = row?.pending
  // Of a part of what is pending, it is not known how a conflict was decided.
  if (pending?.mutations.length !== entry.ids.length) return
  const conflict = pending.projection?.conflict
  const decisions = conflict && 'decisions' in conflict ? conflict.decisions : []
  const isContested = contestedFieldsOf(row)
  const base = sent.base === null ? null : (row?.value ?? null)
  checkMerged(sent, { key, effect: effectOn(row, mutations), decisions, isContested, base })
}

function mutationsOf(ids: readonly string[], model: DiskModel): Mutation[] {
  return ids
    .toSorted((a, b) => (a < b ? -1 : 1))
    .flatMap((id) => {
      const known = model.known.get(id)
      return known === undefined ? [] : [known.mutation]
    })
}

function effectOn(row: Row | undefined, mutations: readonly Mutation[]): NetEffect {
  return netEffectOf(mutations, { isOnBase: (row?.pending?.standsOn.kind ?? 'base') === 'base' })
}

function checkThawed(
  entry: Extract<LedgerEntry, { kind: 'thawed' }>,
  { model, history }: CommitContext,
  ledger: readonly LedgerEntry[],
) {
  const key = keyOf(entry.collection, entry.documentId)
  const frozen = model.frozen.get(key)
  // It says the id of what is left of it, where a part took effect.
  const isSettled = ledger.some(
    (other) => other.kind === 'settled' && keyOf(other.collection, other.documentId) === key,
  )
  if (frozen === undefined || isSettled) return
  if (!history.conflicted.has(frozen.sent.id) && !history.rejected.has(frozen.sent.id))
    throw new Violation('S2', `${key}: taken back from flight, though the server took it`)
  history.spend(frozen.sent.id)
}

function checkFailed(entry: Extract<LedgerEntry, { kind: 'failed' }>, { model, history }: CommitContext) {
  const key = keyOf(entry.collection, entry.documentId)
  const frozen = model.frozen.get(key)
  if (frozen === undefined) return
  if (!history.rejected.has(frozen.sent.id))
    throw new Violation('Q3', `${key}: a dead letter that the server did not refuse`)
  history.spend(frozen.sent.id)
}

function checkGone(ids: readonly string[], { model }: CommitContext): void {
  for (const id of ids)
    if (model.pending.has(id)) throw new Violation('S1', `pending mutation ${id} is declared gone`)
}

function checkSettled(entry: Settled, context: CommitContext): void {
  const { model, rowOf } = context
  const key = keyOf(entry.collection, entry.documentId)
  for (const id of entry.ids) {
    if (!model.known.has(id)) throw new Violation('S2', `${key}: ${id} is settled and was never enqueued`)
    if (!model.pending.has(id)) throw new Violation('S2', `${key}: ${id} is settled twice`)
  }
  if (entry.how === 'applied') {
    if (!isLocalOnly(entry.collection)) checkApplied(entry, key, context)
  } else if (entry.how === 'discarded') {
    if (!context.isDiscarded(key)) throw new Violation('S1', `${key}: discarded, and nobody asked for it`)
    if (model.frozen.has(key)) throw new Violation('S2', `${key}: discarded while in flight`)
  } else {
    if (model.frozen.has(key)) throw new Violation('S1', `${key}: given up while in flight`)
    const row = rowOf(entry.collection, entry.documentId)
    const base = row?.value ?? null
    const effect = effectOn(row, mutationsOf(entry.ids, model))
    const lost = effect.deletes ? [] : fieldsThatDiffer(effect, base, jsonEquals)
    const isLost = effect.deletes ? base !== null : lost.length > 0
    if (isLost && !isExcused(entry.decisions, { effect, lost, isContested: contestedFieldsOf(row) }))
      throw new Violation('S1', `${key}: ${entry.how}, though the remote does not have it`)
  }
}

function checkApplied(entry: Settled, key: string, { model, history }: CommitContext): void {
  const frozen = model.frozen.get(key)
  if (frozen === undefined) throw new Violation('S2', `${key}: acknowledged, and not in flight`)
  if (!jsonEquals(frozen.ids as string[], entry.ids as string[]))
    throw new Violation('S2', `${key}: acknowledged more, or less, than was sent`)
  if (!history.versions.has(frozen.sent.id))
    throw new Violation('S2', `${key}: acknowledged ${frozen.sent.id}, which the server never held`)
}

/** What was sent has every change of the user and nothing else that is new, but for what a decision says. */
function checkMerged(
  sent: PushMutation,
  of: {
    key: string
    effect: NetEffect
    decisions: readonly Decision[]
    isContested: (field: string) => boolean
    /** As this tab knows it: in a rewound history, the server may have made another one under its revision. */
    base: Document | null
  },
): void {
  const { key, effect, decisions, isContested, base } = of
  // Where only this side changed, nothing gave way.
  if (decisions.some(({ path, why }) => path.length === 0 && why !== 'only local changed')) return
  if (effect.deletes !== (sent.value === null))
    throw new Violation(
      'S1',
      `${key}: ${effect.deletes ? 'a deletion' : 'an edit'} was sent as something else`,
    )
  const lost = effect.deletes ? [] : fieldsThatDiffer(effect, sent.value, jsonEquals)
  if (lost.length > 0 && !isExcused(decisions, { effect, lost, isContested })) {
    const why = decisions.map(({ path, chosen, why }) => `${path.join('.')}: ${chosen}, ${why}`).join('; ')
    throw new Violation('S1', `${key}: sent without ${lost.join(', ')} (decided: ${why})`)
  }
  if (!base || sent.value === null || effect.creates) return
  for (const field of new Set([...Object.keys(base), ...Object.keys(sent.value)])) {
    if (effect.fields.has(field) || jsonEquals(base[field], sent.value[field])) continue
    throw new Violation('S1', `${key}: overwrites ${field}, which nobody here changed`)
  }
}

/** Fields in which the server moved on from what the pending changes stand on; all, where that is not known. */
function contestedFieldsOf(row: Row | undefined): (field: string) => boolean {
  const standsOn = row?.pending?.standsOn
  if (row === undefined || standsOn === undefined || standsOn.kind === 'base') return () => true
  const over = keptOver(row.pending?.mutations ?? [])
  const ground = over ?? (standsOn.kind === 'version' ? standsOn.version : undefined)
  if (ground === undefined) return () => true
  return (field) => !jsonEquals(ground?.value?.[field], row.value?.[field])
}

/**
 * A decision says that the change gave way, and the server changed the same. Inside a nested field,
 * each part is decided by itself.
 */
function isExcused(
  decisions: readonly Decision[] | undefined,
  of: { effect: NetEffect; lost: readonly string[]; isContested: (field: string) => boolean },
): boolean {
  const { effect, lost, isContested } = of
  if (decisions === undefined) return false
  if (decisions.some(({ path, chosen }) => path.length === 0 && chosen !== 'local')) return true
  if (effect.deletes) return false
  return lost.every(
    (field) =>
      isContested(field) &&
      decisions.some(
        ({ path, chosen, why }) =>
          path[0] === field &&
          (path.length > 1 ||
            (chosen !== 'local' &&
              (why !== 'only remote changed' || effect.fields.get(field) === undefined))),
      ),
  )
}
