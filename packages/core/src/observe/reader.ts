import type { Identified } from './compile-query.ts'
import type { DocumentSource } from './document-source.ts'

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
  read(id: string): T | undefined {
    const document = this.#source.get(id)
    if (document !== 'elsewhere') return document
    this.missing.push(id)
    return undefined
  }
}
