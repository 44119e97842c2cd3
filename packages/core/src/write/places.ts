import type { Document } from '../model/document.ts'
import type { Mutation } from '../model/mutation.ts'
import type { Located } from '../storage/page-cache.ts'

/** One document that a draft looks at or changes. */
export interface Place extends Located {
  /** The document is in memory, and stays there until the draft is released. */
  isHeld: boolean
  /** What the draft makes of it; undefined: nothing yet. */
  drafted: Document | null | undefined
  /** It existed when the draft changed it first. */
  isReplaced: boolean
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
    const place: Place = { collection, id, isHeld: false, drafted: undefined, isReplaced: false, last: null }
    places.set(id, place)
    return place
  }
}
