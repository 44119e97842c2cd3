import type { CurrentVersion, PushMutation, PushOutcome } from '../contracts/remote-store.ts'
import { isHoldfastError } from '../errors/holdfast-error.ts'
import type { Document, LocatedVersion } from '../model/document.ts'
import { isHlc } from '../model/hlc.ts'
import type { JsonValue } from '../model/json.ts'
import { checkRemoteValue } from '../model/validate.ts'

/** A document as the memory server keeps it. */
export interface StoredDocument extends LocatedVersion {
  readonly recent: readonly string[]
  /** Its place in the feed. */
  readonly seq: number
  /** The replica that sent exactly this value; null for a foreign write, or where the server changed it. */
  readonly sentBy: string | null
}

export type Rejection = Extract<PushOutcome, { kind: 'rejected' }>

const RECENT = 8

export function currentOf({ rev, hlc, value, recent }: StoredDocument): CurrentVersion {
  return { rev, hlc, value, recent }
}

export function withRecent(recent: readonly string[], id: string): readonly string[] {
  return [...recent, id].slice(-RECENT)
}

/** What makes a mutation impossible, whatever is stored; null where nothing does. */
export function faultOf(mutation: PushMutation, maxDocumentBytes: number): Rejection | null {
  const { collection, documentId, hlc, value } = mutation
  if (!isHlc(hlc)) return { kind: 'rejected', reason: 'invalid_hlc', field: 'hlc' }
  if (value === null) return null
  try {
    checkRemoteValue(value, documentId, { collection, maxBytes: maxDocumentBytes })
    return null
  } catch (error) {
    if (!isHoldfastError(error)) throw error
    const reason = error.code === 'document_too_large' ? 'too_large' : error.code
    return { kind: 'rejected', reason, message: error.message }
  }
}

/** Only the fields that the mutation names change; all, if it names none. */
export function valueAfter(before: Document | null, { value, fields }: PushMutation): Document | null {
  if (value === null || before === null || fields === undefined) return value
  const after: Record<string, JsonValue> = { ...before }
  for (const field of fields) {
    if (Object.hasOwn(value, field)) after[field] = value[field] as JsonValue
    else delete after[field]
  }
  return after as Document
}
