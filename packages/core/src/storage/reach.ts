import type { LedgerEntry } from './ledger-entry.ts'
import type { Tables } from './tables.ts'

/** Says up to which mutation an entry speaks of the ground that pending ones stand on. */
export function withReach(entry: LedgerEntry, tables: Tables): LedgerEntry {
  if (entry.kind !== 'stands') return entry
  const upTo = tables.get(entry.collection, entry.documentId)?.pending?.mutations.at(-1)?.id
  return upTo === undefined ? entry : { ...entry, upTo }
}
