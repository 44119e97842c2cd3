/*
 * The key space of one local database (see docs/architecture.md, "Local records"):
 *
 *   m                 the manifest
 *   p/<no>            a page: versions that the remote made known
 *   s/<no>            ledger entries: what became of mutations
 *   w/<writer>/<seq>  log records: mutations as they were enqueued
 *   q                 the position of which the kept windows are
 *   q/<query>         a kept window: the first documents of a live query
 *
 * Pages and ledger records take their numbers from one sequence: a higher number is newer.
 */
const DIGITS = 10

export const MANIFEST_KEY = 'm'
export const PAGES = { from: 'p/', to: 'p0' } as const
export const LEDGER = { from: 's/', to: 's0' } as const
export const LOGS = { from: 'w/', to: 'w0' } as const

export const WINDOWS_KEY = 'q'
export const WINDOWS = { from: 'q', to: 'q0' } as const

const fixed = (no: number) => no.toString().padStart(DIGITS, '0')

export const pageKey = (no: number) => `p/${fixed(no)}`
export const ledgerKey = (no: number) => `s/${fixed(no)}`
export const logKey = (writer: string, seq: number) => `w/${writer}/${fixed(seq)}`

/** All log records of `writer` up to and with `seq`. */
export const logsUpTo = (writer: string, seq: number) => ({
  from: `w/${writer}/`,
  to: logKey(writer, seq + 1),
})

export function parseLogKey(key: string): { writer: string; seq: number } {
  const slash = key.indexOf('/', 2)
  return { writer: key.slice(2, slash), seq: Number(key.slice(slash + 1)) }
}

export const windowKey = (query: string) => `q/${query}`

/** The number in a page or ledger key. */
export const parseNo = (key: string) => Number(key.slice(2))
