import type { Durability } from '../contracts/local-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Mutation } from '../model/mutation.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { Storage } from '../storage/storage.ts'

/** The inlet of the outbox: makes mutations durable and tells the scheduler. */
export class Outbox {
  readonly #storage: Storage
  readonly #scheduler: Pick<Scheduler, 'request'>
  readonly #durability: Durability
  readonly #offered: readonly Durability[]

  constructor(
    storage: Storage,
    scheduler: Pick<Scheduler, 'request'>,
    options: { durability: Durability; offered: readonly Durability[] },
  ) {
    this.#storage = storage
    this.#scheduler = scheduler
    this.#durability = options.durability
    this.#offered = options.offered
  }

  /** Resolves when the mutations are durable; `unsupported_durability` changes nothing. */
  async enqueue(mutations: readonly Mutation[], durability: Durability = this.#durability): Promise<void> {
    if (!this.#offered.includes(durability)) throw unsupportedDurability(durability, this.#offered)
    await this.#storage.append(mutations, durability)
    this.#scheduler.request('write')
  }
}

export function unsupportedDurability(asked: Durability, offered: readonly Durability[]): HoldfastError {
  return new HoldfastError(
    'unsupported_durability',
    `This local store does not offer durability '${asked}', only: ${offered.join(', ')}. Nothing was written.`,
    { details: { asked, offered } },
  )
}
