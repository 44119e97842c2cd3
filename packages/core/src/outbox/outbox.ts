import { chooseDurability } from '../adapter/durability.ts'
import type { Durability, LocalCapabilities } from '../contracts/local-store.ts'
import type { Stamped } from '../model/run.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { Storage } from '../storage/storage.ts'

/** The inlet of the outbox: makes mutations durable and tells the scheduler. */
export class Outbox {
  readonly #storage: Storage
  readonly #scheduler: Pick<Scheduler, 'request'>
  readonly #durability: Durability
  readonly #capabilities: Pick<LocalCapabilities, 'durability'>

  /** `durability` is for writes that ask for none. Throws `unsupported_durability`. */
  constructor(
    storage: Storage,
    scheduler: Pick<Scheduler, 'request'>,
    options: { durability: Durability | undefined; capabilities: Pick<LocalCapabilities, 'durability'> },
  ) {
    this.#storage = storage
    this.#scheduler = scheduler
    this.#capabilities = options.capabilities
    this.#durability = chooseDurability(options.durability, options.capabilities)
  }

  /** Resolves when the mutations are durable; `unsupported_durability` changes nothing. */
  async enqueue(stamped: Stamped, durability = this.#durability): Promise<void> {
    await this.#storage.append(stamped, chooseDurability(durability, this.#capabilities))
    this.#scheduler.request('write')
  }
}
