import { type JsonObject, jsonEquals } from './json.ts'

/** A document: a JSON object with a string `id`, unique in its collection. */
export interface Document extends JsonObject {
  readonly id: string
}

/** Id of the mutation that made a version. Opaque; compared for equality only. */
export type Rev = string

/** Hybrid logical clock timestamp as text; see `hlc.ts`. Text order is time order. */
export type Hlc = string

/**
 * One version of one document as a remote holds it. `value` is null for a tombstone.
 * Along the versions of one document `hlc` strictly increases.
 */
export interface Version {
  readonly rev: Rev
  readonly hlc: Hlc
  readonly value: Document | null
}

/**
 * False also for two that share a revision: in a rewound history a mutation can take effect again, on
 * another base, and make another document under its id.
 */
export function isSameVersion(a: Version, b: Version): boolean {
  return a.rev === b.rev && a.hlc === b.hlc && jsonEquals(a.value, b.value)
}

/** A version together with the document that it belongs to. */
export interface LocatedVersion extends Version {
  readonly collection: string
  readonly id: string
}
