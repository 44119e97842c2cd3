import type { Identified } from './compile-query.ts'
import type { DocumentRef, DocumentSource } from './document-source.ts'

/** Reads for one run of a query, and notes what is not in memory: then the run's result counts for nothing. */
export class Reader<T extends Identified> {
  readonly missing: string[] = []
  /** So many more than needed are noted, once one is missing: most of them may not match. */
  readonly ahead: number
  readonly #source: DocumentSource<T>

  constructor(source: DocumentSource<T>, ahead = 0) {
    this.#source = source
    this.ahead = ahead
  }

  /** Undefined: there is none, or none in memory. */
  read(ref: DocumentRef): T | undefined {
    const document = this.#source.read(ref)
    if (document !== 'elsewhere') return document
    this.missing.push(ref.id)
    return undefined
  }
}
