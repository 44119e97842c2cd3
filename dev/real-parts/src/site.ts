import type { Document, RemoteStore } from '@holdfast/core'

/** The fields that a scenario writes; every value is written by one write alone. */
export type Note = {
  readonly id: string
  readonly text?: string
  readonly body?: string
  readonly n?: number
}

export const COLLECTIONS = ['notes', 'tasks'] as const
export type CollectionName = (typeof COLLECTIONS)[number]

/** A version that the server once had, in the order of the changes of its document. */
export interface PastVersion {
  readonly collection: string
  readonly id: string
  readonly rev: string
  readonly hlc: string
  readonly value: Document | null
}

/** A real server as one seed uses it: a space of its own. */
export interface Site {
  /** Every id of the seed begins with it. */
  readonly prefix: string
  /** Where the fault proxy passes requests on to. */
  readonly target: string
  /** A client's remote, through the proxy at `url`. */
  remote(client: number, url: string): { readonly remote: RemoteStore; close(): void }
  /** Every version that was ever made, also by other programs. Past the proxy. */
  history(): Promise<PastVersion[]>
  /** What stands, as the server itself has it. Past the proxy. */
  documents(): Promise<Record<CollectionName, Note[]>>
  /** Fields that this server refuses for good, and the reason that it gives. */
  readonly poison: { readonly fields: Omit<Note, 'id'>; readonly reason: string }
  /** One act of a program that knows nothing of Holdfast; absent where there cannot be one. */
  foreign?(act: ForeignAct): Promise<void>
}

export type ForeignAct =
  | { readonly kind: 'put' | 'update'; readonly documents: readonly (readonly [CollectionName, Note])[] }
  | { readonly kind: 'delete'; readonly collection: CollectionName; readonly id: string }
