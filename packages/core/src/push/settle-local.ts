import type { LedgerEntry } from '../storage/ledger-entry.ts'
import { type PrepareParts, prepare } from './prepare.ts'

/** What is pending in collections that never leave this device takes effect here. */
export function localEntries(parts: PrepareParts): LedgerEntry[] {
  const entries: LedgerEntry[] = []
  for (const row of parts.tables.queue) {
    if (!parts.isLocalOnly(row.collection)) continue
    const prepared = prepare(row, parts)
    if (prepared.kind === 'settle') entries.push(prepared.entry)
  }
  return entries
}
