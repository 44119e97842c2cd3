import type { Durability, LocalStore } from '../contracts/local-store.ts'
import { HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'
import type { Mutation } from '../model/mutation.ts'
import type { Stamped } from '../model/run.ts'
import { logKey } from './keys.ts'
import { encodeLog } from './records.ts'

/** Mutations that become durable together or not at all: one write, or one `transact`. */
interface Unit extends Stamped {
  readonly durability: Durability
  readonly resolve: () => void
  readonly reject: (error: HoldfastError) => void
}

export interface LogRecord {
  readonly writer: string
  readonly seq: number
  readonly text: string
  readonly mutations: readonly Mutation[]
}

/**
 * The append side of the log, one per open database. One transaction is in flight at a time;
 * what is appended meanwhile goes together into the next one, as one record (group commit). When
 * a group fails, its units are tried one by one, so that each is told of its own outcome; a unit
 * that builds on a failed one, by document, fails with it.
 */
export class LogWriter {
  readonly writer: string
  readonly #store: LocalStore
  readonly #onCommitted: (records: readonly LogRecord[]) => void
  #seq = 0
  #waiting: Unit[] = []
  #running: Promise<void> | null = null

  constructor(store: LocalStore, writer: string, onCommitted: (records: readonly LogRecord[]) => void) {
    this.#store = store
    this.writer = writer
    this.#onCommitted = onCommitted
  }

  /** The number of the last record that this writer made durable; 0: none. */
  get lastSeq(): number {
    return this.#seq
  }

  /** Resolves when the mutations are durable as asked for; rejects if they never will be. */
  append({ mutations, runs }: Stamped, durability: Durability): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ mutations, runs, durability, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing is in flight and nothing waits. */
  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      await this.#commitGroup(group)
    }
    this.#running = null
  }

  async #commitGroup(group: readonly Unit[]): Promise<void> {
    try {
      await this.#commit(group)
      for (const unit of group) unit.resolve()
    } catch (error) {
      if (group.length === 1) this.#fail(group[0] as Unit, error)
      else await this.#commitOneByOne(group)
    }
  }

  async #commitOneByOne(group: readonly Unit[]): Promise<void> {
    const failed = new Map<string, HoldfastError>()
    for (const unit of group) {
      const cause = unit.mutations
        .map((mutation) => failed.get(documentKey(mutation)))
        .find((e) => e !== undefined)
      try {
        if (cause !== undefined) throw cause
        await this.#commit([unit])
        unit.resolve()
      } catch (error) {
        const typed = this.#fail(unit, error)
        for (const mutation of unit.mutations) failed.set(documentKey(mutation), typed)
      }
    }
  }

  async #commit(group: readonly Unit[]): Promise<void> {
    const { mutations, runs } = group.length === 1 ? (group[0] as Unit) : together(group)
    const records: LogRecord[] = []
    let from = 0
    for (const { text, count } of encodeLog({ mutations, runs })) {
      const seq = this.#seq + 1 + records.length
      records.push({ writer: this.writer, seq, text, mutations: mutations.slice(from, from + count) })
      from += count
    }
    const put = records.map(({ writer, seq, text }) => [logKey(writer, seq), text] as const)
    await this.#store.write(
      { put },
      {
        durability: group.some(({ durability }) => durability === 'strict')
          ? 'strict'
          : (group[0] as Unit).durability,
      },
    )
    this.#seq += records.length
    this.#onCommitted(records)
  }

  /** Rejects the unit, and those waiting that build on it. */
  #fail(unit: Unit, error: unknown): HoldfastError {
    const typed = isHoldfastError(error)
      ? error
      : new HoldfastError(
          'store_failed',
          'The local store failed to write. This write was undone; earlier ones are safe. Try again.',
          {
            cause: error,
            retryable: true,
          },
        )
    unit.reject(typed)
    this.#failDependents(new Set(unit.mutations.map(documentKey)), typed)
    return typed
  }

  #failDependents(documents: Set<string>, error: HoldfastError): void {
    const stays: Unit[] = []
    for (const unit of this.#waiting) {
      const keys = unit.mutations.map(documentKey)
      if (!keys.some((key) => documents.has(key))) {
        stays.push(unit)
        continue
      }
      for (const key of keys) documents.add(key)
      unit.reject(error)
    }
    this.#waiting = stays
  }
}

function together(group: readonly Stamped[]): Stamped {
  let before = 0
  const runs = group.flatMap(({ mutations, runs: own }) => {
    const moved = own.map(({ from, to }) => ({ from: from + before, to: to + before }))
    before += mutations.length
    return moved
  })
  return { mutations: group.flatMap((unit) => unit.mutations), runs }
}

const documentKey = ({ collection, documentId }: Mutation) => `${collection}/${documentId}`
