import type { LedgerEntry } from './ledger-entry.ts'

type Of<Kind> = Extract<LedgerEntry, { kind: Kind }>

/**
 * The text of a ledger entry: nearly all of them freeze what the log has, or settle it, and their names alone
 * would be half of it. 0 stands for the first of the ids. All others stand as they are.
 */
export type LedgerRow =
  | [
      kind: 'f',
      collection: string,
      documentId: string,
      ids: readonly string[],
      id: string | 0,
      hlc: string,
      base: string | null,
      group?: string,
    ]
  | [
      kind: 's',
      collection: string,
      documentId: string,
      ids: readonly string[],
      how: Of<'settled'>['how'],
      rev?: string | 0,
      hlc?: string,
    ]
  | LedgerEntry

export function ledgerRowOf(entry: LedgerEntry): LedgerRow {
  if (entry.kind === 'frozen') return frozenRowOf(entry)
  return entry.kind === 'settled' ? settledRowOf(entry) : entry
}

function frozenRowOf(entry: Of<'frozen'>): LedgerRow {
  const { collection, documentId, ids, sent } = entry
  if ('value' in sent) return entry
  const { id, hlc, base, group } = sent
  const shortId = id === ids[0] ? 0 : id
  return group === undefined
    ? ['f', collection, documentId, ids, shortId, hlc, base]
    : ['f', collection, documentId, ids, shortId, hlc, base, group]
}

function settledRowOf(entry: Of<'settled'>): LedgerRow {
  const { collection, documentId, ids, how, rev, hlc, value, decisions } = entry
  if (value !== undefined || decisions !== undefined) return entry
  if (rev === undefined && hlc === undefined) return ['s', collection, documentId, ids, how]
  if (rev === undefined || hlc === undefined) return entry
  return ['s', collection, documentId, ids, how, rev === ids[0] ? 0 : rev, hlc]
}

/** The entry of a row. Throws for a list of a kind that is not known: taken for another it would settle what is pending. */
export function entryOf(row: LedgerRow): LedgerEntry {
  if (!Array.isArray(row)) return row
  if (row[0] === 'f') {
    const [, collection, documentId, ids, shortId, hlc, base, group] = row
    const sent = { id: shortId === 0 ? (ids[0] ?? '') : shortId, hlc, base }
    const whole = group === undefined ? sent : { ...sent, group }
    return { kind: 'frozen', collection, documentId, ids, sent: whole }
  }
  if (row[0] !== 's') throw new TypeError('no ledger entry is written so')
  const [, collection, documentId, ids, how, rev, hlc] = row
  const settled = { kind: 'settled', collection, documentId, ids, how } as const
  return rev === undefined || hlc === undefined
    ? settled
    : { ...settled, rev: rev === 0 ? (ids[0] ?? '') : rev, hlc }
}
