import type { Durability } from '../contracts/local-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Document } from '../model/document.ts'
import type { Stamped } from '../model/run.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { Draft, type DraftParts } from './draft.ts'
import { insertMany } from './insert-many.ts'

export interface DurabilityOptions {
  /** How safe the write must be when its promise resolves; the database's own choice unless given. */
  readonly durability?: Durability
}

export interface UpdateOptions<Field extends string = string> extends DurabilityOptions {
  /** Fields to remove. */
  readonly unset?: readonly Field[]
}

/**
 * The application's writes. Each is validated, stamped, shown to observers, and appended to the
 * log; its promise resolves when it is durable. A write that fails is taken back and changes nothing.
 */
export class Writer {
  readonly #parts: DraftParts
  readonly #outbox: Outbox
  readonly #maxGroup: number

  constructor(parts: DraftParts, outbox: Outbox, options: { maxGroup: number }) {
    this.#parts = parts
    this.#outbox = outbox
    this.#maxGroup = options.maxGroup
  }

  insert(collection: string, input: object, options?: DurabilityOptions): Promise<Document> {
    return this.#single((draft) => draft.insert(collection, input), options)
  }

  put(collection: string, input: object, options?: DurabilityOptions): Promise<Document> {
    return this.#single((draft) => draft.put(collection, input), options)
  }

  update(collection: string, id: string, change: { patch: object; options: UpdateOptions | undefined }) {
    const { unset } = change.options ?? {}
    const patch = { patch: change.patch, ...(unset === undefined ? {} : { unset }) }
    return this.#single((draft) => draft.update(collection, id, patch), change.options)
  }

  delete(collection: string, id: string, options?: DurabilityOptions): Promise<boolean> {
    return this.#single((draft) => draft.delete(collection, id), options)
  }

  /** Many inserts as one write: all of them or none. Not a group at the remote. */
  async insertMany(
    collection: string,
    inputs: readonly object[],
    options?: DurabilityOptions,
  ): Promise<Document[]> {
    if (!Array.isArray(inputs)) throw noList(collection)
    return insertMany(this.#parts, { collection, inputs }, (stamped) => this.#append(stamped, options))
  }

  /** Runs `work` on a draft, and writes what it drafted at once or, if it throws, not at all. */
  async transact<T>(work: (draft: Draft) => Promise<T>, options?: DurabilityOptions): Promise<T> {
    const draft = new Draft(this.#parts)
    try {
      return await this.#transactOn(draft, work, options)
    } finally {
      draft.release()
    }
  }

  async #transactOn<T>(
    draft: Draft,
    work: (draft: Draft) => Promise<T>,
    options: DurabilityOptions | undefined,
  ): Promise<T> {
    let result: T
    try {
      result = await work(draft)
    } finally {
      draft.close()
    }
    if (draft.size > this.#maxGroup) throw groupTooLarge(draft.size, this.#maxGroup)
    await this.#append(draft.take(draft.size > 1 ? this.#parts.randomHex(16) : undefined), options)
    return result
  }

  async #single<T>(
    work: (draft: Draft) => T | Promise<T>,
    options: DurabilityOptions | undefined,
  ): Promise<T> {
    let durable: Promise<void> | undefined
    const draft = new Draft(this.#parts, {
      onDrafted: () => {
        durable = this.#outbox.enqueue(draft.take(), options?.durability)
      },
    })
    try {
      const result = await work(draft)
      await durable
      return result
    } finally {
      draft.release()
    }
  }

  async #append(stamped: Stamped, options: DurabilityOptions | undefined): Promise<void> {
    if (stamped.mutations.length > 0) await this.#outbox.enqueue(stamped, options?.durability)
  }
}

function groupTooLarge(size: number, limit: number): HoldfastError {
  return new HoldfastError(
    'invalid_options',
    `transact changed ${size} documents, and this remote takes at most ${limit} together. Nothing was written. Use smaller groups, or insertMany where it need not be atomic at the remote.`,
    { details: { size, limit } },
  )
}

function noList(collection: string): HoldfastError {
  return new HoldfastError(
    'invalid_document',
    `${collection}: insertMany takes a list of documents. Nothing was written. Use insert for a single one.`,
    { details: { collection } },
  )
}
