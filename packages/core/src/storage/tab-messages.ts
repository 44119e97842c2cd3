import type { LocatedVersion } from '../model/document.ts'
import type { Mutation } from '../model/mutation.ts'
import type { CommitPlan, EncodedCommit } from './commit.ts'
import type { TakenFence } from './fence.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import type { Located } from './located.ts'
import type { LogRecord } from './log-writer.ts'
import type { PlaceMessage } from './peers.ts'
import { decodeLedger, decodeLog, decodePage } from './records.ts'

/** What one tab tells the others after a commit. */
export type TabMessage = LogMessage | CommitMessage

export interface LogMessage {
  readonly kind: 'log'
  readonly records: readonly Omit<LogRecord, 'mutations'>[]
}

export interface CommitMessage {
  readonly kind: 'commit'
  /** The manifest that the commit expected, and the one that it left. */
  readonly before: string
  readonly after: string
  readonly generation: number
  readonly firstNo: number
  readonly nextNo: number
  readonly pages: readonly { readonly no: number; readonly text: string }[]
  readonly ledger: readonly { readonly no: number; readonly text: string }[]
  readonly removesLedger: boolean
  readonly foldLogs: Readonly<Record<string, number>>
}

export function logMessage(records: readonly LogRecord[]): LogMessage {
  return { kind: 'log', records: records.map(({ writer, seq, text }) => ({ writer, seq, text })) }
}

export function commitMessage(
  plan: CommitPlan,
  encoded: Omit<EncodedCommit, 'batch'>,
  before: { text: string; nextNo: number },
): CommitMessage {
  return {
    kind: 'commit',
    before: before.text,
    after: encoded.manifestText,
    generation: encoded.manifest.generation,
    firstNo: before.nextNo,
    nextNo: encoded.nextNo,
    pages: encoded.pages.map(({ no, text }) => ({ no, text })),
    ledger: encoded.ledger.map(({ no, text }) => ({ no, text })),
    removesLedger: plan.removeLedger ?? false,
    foldLogs: plan.foldLogs ?? {},
  }
}

/**
 * That a tab took the fence, which changes nothing but the manifest. It is told, since a tab whose
 * lock was stolen meanwhile may take it from the one that holds the lock: that one must not go on
 * as the leader until its next commit fails.
 */
export function fenceMessage({ next, after, before }: TakenFence, nextNo: number): CommitMessage {
  const encoded = { pages: [], ledger: [], manifest: next, manifestText: after, nextNo }
  return commitMessage({}, encoded, { text: before, nextNo })
}

/** A message with its records read. */
export type ReadMessage =
  | PlaceMessage
  | {
      readonly kind: 'log'
      readonly records: readonly { writer: string; seq: number; mutations: readonly Mutation[] }[]
      /** The rows have these mutations already. */
      readonly isShown: boolean
    }
  | (Omit<CommitMessage, 'pages' | 'ledger'> & {
      readonly pages: readonly {
        readonly no: number
        readonly chars: number
        readonly versions: readonly LocatedVersion[]
      }[]
      readonly ledger: readonly { readonly no: number; readonly entries: readonly LedgerEntry[] }[]
    })

/** Throws `store_corrupt`. */
export function readMessage(message: TabMessage): ReadMessage {
  if (message.kind === 'log') {
    const records = message.records.map(({ writer, seq, text }) => ({
      writer,
      seq,
      mutations: decodeLog(text, writer),
    }))
    return { kind: 'log', records, isShown: false }
  }
  const pages = message.pages.map(({ no, text }) => ({
    no,
    chars: text.length,
    versions: decodePage(text, `page ${no}`),
  }))
  const ledger = message.ledger.map(({ no, text }) => ({ no, entries: decodeLedger(text, `ledger ${no}`) }))
  return { ...message, pages, ledger }
}

/** The documents that a message may change. */
export function locatedIn(message: ReadMessage): Located[] {
  if (message.kind === 'log')
    return message.isShown ? [] : message.records.flatMap(({ mutations }) => mutations.map(locatedBy))
  if (message.kind !== 'commit') return []
  return [
    ...message.pages.flatMap(({ versions }) => versions),
    ...message.ledger.flatMap(({ entries }) => locatedInLedger(entries)),
  ]
}

/** The documents that ledger entries speak of. */
export function locatedInLedger(entries: readonly LedgerEntry[]): Located[] {
  return entries.flatMap((entry) => (entry.kind === 'gone' ? [] : [locatedBy(entry)]))
}

const locatedBy = ({ collection, documentId }: { collection: string; documentId: string }): Located => ({
  collection,
  id: documentId,
})

export function isTabMessage(message: unknown): message is TabMessage {
  const kind = (message as { kind?: unknown } | null)?.kind
  return kind === 'log' || kind === 'commit'
}
