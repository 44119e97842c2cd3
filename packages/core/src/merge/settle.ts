import type { Conflict, ConflictStrategy, Decision, DeleteRule } from '../contracts/conflict-strategy.ts'
import type { Document, Hlc, Version } from '../model/document.ts'
import { jsonEquals } from '../model/json.ts'
import { checkResolution } from './check-resolution.ts'

export interface ConflictToSettle {
  readonly collection: string
  readonly id: string
  /** The remote version that the local change stands on; null: it created the document. */
  readonly base: Version | null
  /** The document as the user left it; null: deleted. */
  readonly local: { readonly value: Document | null; readonly hlc: Hlc }
  /** The version that is current at the remote. */
  readonly remote: Version
  readonly strategy: ConflictStrategy
  readonly deletes: DeleteRule
}

export type Settled =
  /** `value` null: the document is deleted. */
  | { readonly kind: 'value'; readonly value: Document | null; readonly decisions: readonly Decision[] }
  | {
      readonly kind: 'deferred'
      /** For people; `strategy_failed: …` where the strategy broke its contract. */
      readonly reason: string
      /** What the strategy threw. It may hold contents: for the application, not for logs. */
      readonly cause?: unknown
    }

/**
 * Settles one conflict: deletions by the rule, equal sides at once, the rest by the strategy.
 * Never throws; depends on nothing but its input, so each replica settles alike, and again.
 */
export function settleConflict(conflict: ConflictToSettle): Settled {
  const { base, local, remote } = conflict
  // Under the same revision there may be another document, since a rewound history went on.
  if (base?.rev === remote.rev && jsonEquals(base.value, remote.value))
    return whole(local.value, 'local', 'only local changed')
  if (local.value === null) {
    if (remote.value === null) return whole(null, 'merged', 'deleted on both sides')
    return byDeleteRule(conflict, 'local')
  }
  if (remote.value === null) {
    if (base === null || base.value === null) return whole(local.value, 'local', 'created after the deletion')
    return byDeleteRule(conflict, 'remote')
  }
  if (jsonEquals(local.value, remote.value)) return whole(remote.value, 'merged', 'the same on both sides')
  return byStrategy(conflict, {
    base: base?.value ?? null,
    local: local.value,
    remote: remote.value,
    context: {
      collection: conflict.collection,
      id: conflict.id,
      localHlc: local.hlc,
      remoteHlc: remote.hlc,
    },
  })
}

function byDeleteRule({ deletes, local, remote }: ConflictToSettle, deleter: 'local' | 'remote'): Settled {
  const editor = deleter === 'local' ? 'remote' : 'local'
  if (deletes === 'deleteWins') return whole(null, deleter, 'delete wins')
  if (deletes === 'editWins') return whole(local.value ?? remote.value, editor, 'edit wins')
  const reason =
    deleter === 'local' ? 'deleted here, edited at the remote' : 'edited here, deleted at the remote'
  return { kind: 'deferred', reason }
}

function byStrategy({ strategy }: ConflictToSettle, conflict: Conflict): Settled {
  let resolution: unknown
  try {
    resolution = strategy.resolve(conflict)
  } catch (cause) {
    return failed(strategy, 'it threw', cause)
  }
  const checked = checkResolution(resolution, conflict)
  return checked.kind === 'fault' ? failed(strategy, checked.fault) : checked
}

function failed(strategy: ConflictStrategy, fault: string, cause?: unknown): Settled {
  const reason = `strategy_failed: "${strategy.name}" cannot settle this: ${fault}`
  return cause === undefined ? { kind: 'deferred', reason } : { kind: 'deferred', reason, cause }
}

function whole(value: Document | null, chosen: Decision['chosen'], why: string): Settled {
  return { kind: 'value', value, decisions: [{ path: [], chosen, why }] }
}
