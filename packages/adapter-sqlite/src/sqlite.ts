import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type {
  HoldfastError,
  LocalCapabilities,
  LocalStore,
  LocalStoreEvents,
  ScanRange,
  StoreValue,
  WriteBatch,
  WriteOptions,
} from '@holdfast/core'
import { assertStorable, chooseDurability } from '@holdfast/core/adapter'
import { type DatabaseFile, deleteFile, openFile } from './database-file.ts'
import { alreadyOpen, classify, closed } from './failures.ts'
import { capabilitiesOf, type Locate, locator, type SqliteOptions } from './options.ts'
import { prepare, type Statements } from './statements.ts'

/**
 * A LocalStore on `node:sqlite` (Node 22 or newer), for one process at a time. A strict write is
 * flushed to the disk when it resolves, a relaxed one is handed to the operating system.
 */
export function sqlite(options: SqliteOptions): LocalStore {
  return new SqliteStore(locator(options), capabilitiesOf(options))
}

interface Open {
  readonly name: string
  readonly file: DatabaseFile
  readonly statements: Statements
  readonly events: LocalStoreEvents
  failure?: HoldfastError
}

class SqliteStore implements LocalStore {
  readonly specVersion = 1
  readonly capabilities: LocalCapabilities
  readonly #locate: Locate
  #open: Open | undefined

  constructor(locate: Locate, capabilities: LocalCapabilities) {
    this.#locate = locate
    this.capabilities = { ...capabilities, estimate: async () => this.#estimate() }
  }

  async open(name: string, events: LocalStoreEvents = {}): Promise<void> {
    if (this.#open !== undefined && this.#open.failure === undefined) throw alreadyOpen(this.#open.name)
    await this.close()
    const file = openFile(this.#pathOf(name), name)
    this.#open = { name, file, statements: prepare(file.database), events }
  }

  async getMany(keys: readonly string[]): Promise<(StoreValue | undefined)[]> {
    return this.#access(({ file, statements }) => {
      file.assertInPlace()
      return keys.map(statements.get)
    })
  }

  async scan(range: ScanRange): Promise<[key: string, value: StoreValue][]> {
    return this.#access(({ file, statements }) => {
      file.assertInPlace()
      return statements.scan(range)
    })
  }

  async write(batch: WriteBatch, options: WriteOptions = {}): Promise<void> {
    const durability =
      chooseDurability(options.durability, this.capabilities) === 'strict' ? 'strict' : 'relaxed'
    assertStorable(batch, this.capabilities)
    this.#access(({ file, statements }) => {
      statements.apply(batch, durability, options.expect)
      // After the commit: a batch that went into a deleted file is not acknowledged.
      file.assertInPlace()
    })
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    try {
      open.file.database.close()
    } catch (error) {
      throw classify(error, open.file.path)
    }
  }

  async destroy(name: string): Promise<void> {
    if (this.#open?.name === name) throw alreadyOpen(name)
    deleteFile(this.#pathOf(name))
  }

  #access<T>(work: (open: Open) => T): T {
    const open = this.#open
    if (open === undefined) throw closed()
    if (open.failure !== undefined) throw open.failure
    try {
      return work(open)
    } catch (error) {
      throw this.#noteLoss(open, classify(error, open.file.path))
    }
  }

  #noteLoss(open: Open, failure: HoldfastError): HoldfastError {
    if (failure.code === 'store_lost') {
      open.failure = failure
      open.events.onLost?.(failure)
    }
    return failure
  }

  #pathOf(name: string): string {
    try {
      return this.#locate(name)
    } catch (error) {
      throw classify(error, name)
    }
  }

  #estimate(): { usage: number; quota: number } {
    return this.#access(({ file: { path } }) => {
      const size = (each: string) => statSync(each, { throwIfNoEntry: false })?.size ?? 0
      const usage = size(path) + size(`${path}-wal`)
      const { bavail, bsize } = statfsSync(dirname(path))
      return { usage, quota: usage + bavail * bsize }
    })
  }
}
