import type { CommitPlan, EncodedCommit } from './commit.ts'
import type { LogRecord } from './log-writer.ts'

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

export function commitMessage(
  plan: CommitPlan,
  encoded: EncodedCommit,
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

export function isTabMessage(message: unknown): message is TabMessage {
  const kind = (message as { kind?: unknown } | null)?.kind
  return kind === 'log' || kind === 'commit'
}
