import type { Document, Hlc, Rev, Version } from '../model/document.ts'
import { latestOf, replicaOf } from '../model/hlc.ts'
import { jsonEquals } from '../model/json.ts'
import type { Mutation } from '../model/mutation.ts'
import type { Located } from '../storage/located.ts'
import type { Row } from '../storage/row.ts'

/** One document that a draft looks at or changes. */
export interface Place extends Located {
  /** The document is in memory, and stays there until the draft is released. */
  isHeld: boolean
  /** What the draft makes of it; undefined: nothing yet. */
  drafted: Document | null | undefined
  /** As of the draft's last look at the tables. */
  row: Row | undefined
  /** What stood there when the draft changed it first. */
  found: Document | null
  /** The revision or pending mutation that made `found`. */
  foundRev: Rev | null
  /** What else was in sight then: see `seenIn`. */
  seen: Version | null
  /** The mutation taken last. */
  last: Mutation | null
}

/** The places of one draft, by collection and id. */
export class Places {
  readonly #byCollection = new Map<string, Map<string, Place>>()

  at(collection: string, id: string): Place {
    const places = this.#byCollection.get(collection) ?? new Map<string, Place>()
    if (places.size === 0) this.#byCollection.set(collection, places)
    const known = places.get(id)
    if (known !== undefined) return known
    const place: Place = {
      collection,
      id,
      isHeld: false,
      drafted: undefined,
      row: undefined,
      found: null,
      foundRev: null,
      seen: null,
      last: null,
    }
    places.set(id, place)
    return place
  }
}

/** What a mutation that is added must be later than; `last`: the one before it, where that is not pending yet. */
export function floorOf({ hlc, pending }: Row, last = pending?.mutations.at(-1)): Hlc {
  return latestOf(hlc, last?.hlc ?? '', pending?.frozen?.sent.hlc ?? '')
}

/** The latest of what is known of a document: what is added stands on it. */
export function topOf(row: Row | undefined): Rev | null {
  return row?.pending?.mutations.at(-1)?.id ?? (row?.rev || null)
}

/**
 * What the first change of a draft was made on. What someone else made of the document since is not
 * that: the two are merged, by the rule. What this replica wrote since comes before it, as in the log.
 */
export function baseOf({ found, foundRev }: Place, row: Row | undefined, replica: string): Rev | null {
  const isOvertaken =
    row !== undefined &&
    row.pending === null &&
    replicaOf(row.hlc) !== replica &&
    !jsonEquals(row.value, found)
  return isOvertaken ? foundRev : topOf(row)
}
