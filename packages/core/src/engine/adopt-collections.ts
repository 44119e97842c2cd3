import type { Hlc } from '../model/document.ts'
import type { CommitPlan } from '../storage/commit.ts'
import type { LedgerEntry } from '../storage/ledger-entry.ts'
import type { LocalState } from '../storage/local-state.ts'
import type { Settings } from './settings.ts'

/** Collections that were local only and are synced from now on. */
export function begunCollections({ manifest }: LocalState, settings: Settings): string[] {
  return manifest.localOnly.filter((name) => settings.syncedNames.includes(name))
}

/**
 * Remembers which collections stay on this device. One that is synced from now on sends what it
 * holds: each document becomes a creation that waits for the remote. Null if nothing changed. The
 * documents of those begun must be in memory.
 */
export function adoptCollections(
  state: LocalState,
  { settings, stamp }: { settings: Settings; stamp: (after: Hlc) => { id: string; hlc: Hlc } },
): CommitPlan | null {
  const before = state.manifest.localOnly
  const now = settings.names.filter((name) => settings.isLocalOnly(name))
  const begun = begunCollections(state, settings)
  const localOnly = [...before.filter((name) => !begun.includes(name) && !now.includes(name)), ...now]
  if (localOnly.length === before.length && localOnly.every((name, i) => name === before[i])) return null
  const ledger = begun.flatMap((name) => [...creations(state, { name, stamp })])
  return { ledger, manifest: { localOnly } }
}

function* creations(
  { tables }: LocalState,
  { name, stamp }: { name: string; stamp: (after: Hlc) => { id: string; hlc: Hlc } },
): Iterable<LedgerEntry> {
  for (const row of tables.rowsOf(name)) {
    if (row.rev === '') continue
    const located = { collection: name, documentId: row.id }
    yield { kind: 'forgotten', ...located }
    const { value } = row
    if (value === null || row.pending !== null) continue
    const change = { kind: 'create', value } as const
    yield { kind: 'carried', ...located, mutation: { ...stamp(row.hlc), ...located, base: null, change } }
  }
}
