import type { Mutation } from '../model/mutation.ts'

interface LogRecordIndex {
  readonly seq: number
  readonly mutations: readonly Mutation[]
}

/** Which mutations each log record on disk holds, per writer in the order of `seq`. */
export class LogIndex {
  readonly #byWriter = new Map<string, LogRecordIndex[]>()

  add(writer: string, { seq, mutations }: LogRecordIndex): void {
    const record = { seq, mutations }
    const records = this.#byWriter.get(writer)
    if (records === undefined) this.#byWriter.set(writer, [record])
    else records.push(record)
  }

  lastSeq(writer: string): number {
    return this.#byWriter.get(writer)?.at(-1)?.seq ?? 0
  }

  /** The last record of each writer that has some. */
  lastSeqs(): Record<string, number> {
    return Object.fromEntries(
      Array.from(this.#byWriter.keys(), (writer) => [writer, this.lastSeq(writer)] as const),
    )
  }

  clear(): void {
    this.#byWriter.clear()
  }

  /**
   * For each writer the last record of the longest prefix that holds only mutations that are
   * settled, or that `mayCarry` lets move to the ledger.
   */
  foldable(
    isSettled: (id: string) => boolean,
    mayCarry: (mutation: Mutation) => boolean,
  ): Record<string, number> {
    const upTo: Record<string, number> = {}
    for (const [writer, records] of this.#byWriter) {
      for (const { seq, mutations } of records) {
        if (!mutations.every((mutation) => isSettled(mutation.id) || mayCarry(mutation))) break
        upTo[writer] = seq
      }
    }
    return upTo
  }

  drop(writer: string, upTo: number): void {
    const records = this.#byWriter.get(writer) ?? []
    const kept = records.findIndex(({ seq }) => seq > upTo)
    records.splice(0, kept === -1 ? records.length : kept)
    if (records.length === 0) this.#byWriter.delete(writer)
  }

  /** Mutations of the records that follow `upTo`. */
  *after(upTo: Readonly<Record<string, number>>): Iterable<Mutation> {
    for (const [writer, records] of this.#byWriter) {
      for (const { seq, mutations } of records) if (seq > (upTo[writer] ?? 0)) yield* mutations
    }
  }
}
