import type { Conflict, ConflictContext, ConflictStrategy, Decision } from '../contracts/conflict-strategy.ts'
import { canonicalJson, type JsonValue } from '../model/json.ts'
import type { FieldRule } from './field-rule.ts'

/** Settles whole documents, and single fields as a rule of `threeWay`. */
export type SideStrategy = ConflictStrategy & FieldRule

interface Choice {
  readonly chosen: 'local' | 'remote'
  readonly why: string
}

/** What this replica's user did stands. */
export function localWins(): SideStrategy {
  return choosing('localWins', () => ({ chosen: 'local', why: 'local wins' }))
}

/** What the remote holds stands; the local change is given up. */
export function remoteWins(): SideStrategy {
  return choosing('remoteWins', () => ({ chosen: 'remote', why: 'remote wins' }))
}

/**
 * The side with the later hybrid logical clock stands, the same one on every replica. A field has
 * no clock of its own: it is as new as the document version that it is in.
 */
export function newestWins(): SideStrategy {
  return choosing('newestWins', newest)
}

function newest(
  local: JsonValue | undefined,
  remote: JsonValue | undefined,
  { localHlc, remoteHlc }: ConflictContext,
): Choice {
  if (localHlc !== remoteHlc) return { chosen: localHlc > remoteHlc ? 'local' : 'remote', why: 'newer' }
  // No two mutations share a timestamp; the choice stays total, and symmetric, all the same.
  return { chosen: textOf(local) > textOf(remote) ? 'local' : 'remote', why: 'same time, greater text' }
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined ? '' : canonicalJson(value)
}

function choosing(
  name: string,
  choose: (local: JsonValue | undefined, remote: JsonValue | undefined, context: ConflictContext) => Choice,
): SideStrategy {
  const settle = <T extends JsonValue | undefined>(
    path: readonly string[],
    { local, remote, context }: { local: T; remote: T; context: ConflictContext },
  ): { value: T; decisions: readonly Decision[] } => {
    const choice = choose(local, remote, context)
    return { value: choice.chosen === 'local' ? local : remote, decisions: [{ path, ...choice }] }
  }
  return {
    specVersion: 1,
    name,
    resolve: (conflict: Conflict) => settle([], conflict),
    settleField: (conflict) => settle(conflict.path, conflict),
  }
}
