import { collection, createHoldfast, type Holdfast, isHoldfastError, tokens } from '@holdfast/core'
import { createMemoryDisk, memoryStore } from '@holdfast/core/memory'
import type { Book } from './book.ts'
import { Machine } from './machine.ts'
import type { Note, Site } from './site.ts'
import type { Weather } from './weather.ts'

const collections = { notes: collection<Note>(), tasks: collection<Note>({ deletes: 'editWins' }) }
export type Db = Holdfast<typeof collections>

/** Short, so that a seed takes a second: real servers answer on the loopback. */
const SCHEDULE = {
  debounce: 5,
  activeInterval: 150,
  backoffBase: 10,
  backoffCeiling: 150,
  minTimeout: 400,
  maxTimeout: 10_000,
}

export interface DeviceParts {
  readonly client: number
  readonly site: Site
  readonly url: string
  readonly weather: Weather
  readonly book: Book
}

/** One client: a disk, and the database that is open on it while the machine runs. */
export class Device {
  readonly parts: DeviceParts
  db: Db | null = null
  machine = new Machine()
  readonly #disk = createMemoryDisk()
  #closeRemote = () => {}

  constructor(parts: DeviceParts) {
    this.parts = parts
  }

  async open(): Promise<Db> {
    const { client, site, url, book } = this.parts
    const machine = new Machine()
    const { remote, close } = site.remote(client, url)
    this.machine = machine
    this.#closeRemote = close
    const reached = machine.reaching(remote)
    const db = await createHoldfast({
      name: 'real-parts',
      local: memoryStore({ disk: this.#disk }),
      remote: {
        ...reached,
        push: (request) => {
          book.clientByReplica.set(request.replica, client)
          return reached.push(request)
        },
      },
      collections,
      schedule: SCHEDULE,
      parts: (container) => container.set(tokens.RUNTIME, machine.runtime),
    })
    db.sync.start()
    this.db = db
    return db
  }

  /** The power goes, in the middle of whatever is under way; the disk keeps what it was given. */
  crash(): void {
    this.machine.kill()
    this.#disk.crash()
    this.db = null
  }

  /** True if there was something to write; a document that a pull just took away is not. */
  async attempt(work: (db: Db) => Promise<unknown>): Promise<boolean> {
    const { db } = this
    if (db === null) return false
    try {
      await work(db)
      return true
    } catch (error) {
      if (isHoldfastError(error, 'document_missing')) return false
      if (!this.machine.isOn) return false
      throw error
    }
  }

  async end(): Promise<void> {
    if (this.db !== null) await this.db.close()
    this.machine.kill()
    this.#closeRemote()
  }
}
