import * as fs from 'node:fs'
import { join } from 'node:path'
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
import { failure, storeError } from './file-errors.ts'
import { takeLock } from './file-lock.ts'
import { frame, framesOf, replaceLog } from './log.ts'

export interface FileStoreOptions {
  /** Holds one directory for each database. Made when it is missing. */
  readonly directory: string
}

const FORMAT = 1
const MAX_VALUE_BYTES = 64 * 1024 * 1024
/** A log this much larger than what stands in it is written anew. */
const WASTE = 4 * 1024 * 1024

interface Open {
  readonly path: string
  readonly events: LocalStoreEvents
  readonly entries: Map<string, string>
  readonly unlock: () => void
  /** Keys in order; null when they must be sorted again. */
  keys: string[] | null
  file: number
  /** Bytes of the log up to the end of the last whole batch, and just after it was written anew. */
  size: number
  compacted: number
  failure: HoldfastError | null
}

/**
 * A LocalStore over plain files, for one process at a time. All entries are in memory; on disk
 * there is one log of checksummed batches. A batch is durable when its line is in the log, which
 * is replaced as a whole by rename when too much of it is old.
 */
export function fileStore(options: FileStoreOptions): LocalStore {
  return new FileStore(options)
}

class FileStore implements LocalStore {
  readonly specVersion = 1
  readonly capabilities: LocalCapabilities = {
    durability: ['strict', 'relaxed'],
    binary: false,
    maxValueBytes: MAX_VALUE_BYTES,
    sharedBetweenTabs: false,
  }
  readonly #directory: string
  #open: Open | null = null

  constructor({ directory }: FileStoreOptions) {
    this.#directory = directory
  }

  async open(name: string, events: LocalStoreEvents = {}): Promise<void> {
    if (this.#open !== null && this.#open.failure === null) throw storeError('store_locked')
    await this.close()
    const path = this.#pathOf(name)
    try {
      fs.mkdirSync(path, { recursive: true })
    } catch (error) {
      throw failure(error, 'store_unavailable')
    }
    const unlock = takeLock(path)
    try {
      if (!fs.existsSync(join(path, 'log'))) replaceLog(path, [frame({ format: FORMAT })])
      this.#open = load({ path, events, unlock })
    } catch (error) {
      unlock()
      throw failure(error, 'store_unavailable')
    }
  }

  async getMany(keys: readonly string[]): Promise<(StoreValue | undefined)[]> {
    const { entries } = this.#present()
    return keys.map((key) => entries.get(key))
  }

  async scan({ from, to, limit, reverse = false }: ScanRange): Promise<[string, StoreValue][]> {
    const open = this.#present()
    open.keys ??= [...open.entries.keys()].sort()
    const keys = open.keys.filter((key) => from <= key && key < to)
    if (reverse) keys.reverse()
    return keys.slice(0, limit).map((key) => [key, open.entries.get(key) ?? ''])
  }

  async write(batch: WriteBatch, { durability = 'relaxed', expect }: WriteOptions = {}): Promise<void> {
    if (durability === 'none') throw storeError('unsupported_durability')
    checkValues(batch)
    const open = this.#present()
    if (expect !== undefined && (open.entries.get(expect.key) ?? null) !== expect.value)
      throw storeError('store_conflict')
    append(open, frame(batch), durability === 'strict')
    // Only a batch that stands in a file with a name is acknowledged.
    this.#present()
    apply(open, batch)
    if (open.size > open.compacted + WASTE) compact(open)
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = null
    if (open === null) return
    fs.closeSync(open.file)
    open.unlock()
  }

  async destroy(name: string): Promise<void> {
    const path = this.#pathOf(name)
    if (!fs.existsSync(path)) return
    const unlock = takeLock(path)
    fs.rmSync(path, { recursive: true, force: true })
    unlock()
  }

  #pathOf(name: string): string {
    return join(this.#directory, `db-${Buffer.from(name, 'utf16le').toString('hex')}`)
  }

  /** The open database, if it is still the one on disk. */
  #present(): Open {
    const open = this.#open
    if (open === null) throw storeError('store_closed')
    if (open.failure !== null) throw open.failure
    const now = fs.statSync(join(open.path, 'log'), { throwIfNoEntry: false })
    if (now?.ino === fs.fstatSync(open.file).ino) return open
    open.failure = storeError('store_lost')
    open.events.onLost?.(open.failure)
    throw open.failure
  }
}

function load(parts: Pick<Open, 'path' | 'events' | 'unlock'>): Open {
  const { frames, size } = framesOf(fs.readFileSync(join(parts.path, 'log')))
  const [head, ...batches] = frames
  if ((head as { format?: unknown } | undefined)?.format !== FORMAT) throw storeError('store_corrupt')
  const file = fs.openSync(join(parts.path, 'log'), 'r+')
  // What a crash left of a batch that was never acknowledged.
  fs.ftruncateSync(file, size)
  const open: Open = { ...parts, file, size, entries: new Map(), keys: null, compacted: 0, failure: null }
  for (const batch of batches) apply(open, batch as WriteBatch)
  compact(open)
  return open
}

function append(open: Open, bytes: Buffer, isStrict: boolean): void {
  try {
    for (let done = 0; done < bytes.length; )
      done += fs.writeSync(open.file, bytes, done, bytes.length - done, open.size + done)
    if (isStrict) fs.fsyncSync(open.file)
    open.size += bytes.length
  } catch (error) {
    // A part of the batch may stand: it must not be there when the next one is appended.
    try {
      fs.ftruncateSync(open.file, open.size)
    } catch (cause) {
      open.failure = failure(cause, 'store_failed')
    }
    throw failure(error, 'store_failed')
  }
}

/** Writes what stands as one batch into a new log, and puts it in the place of the old one. */
function compact(open: Open): void {
  const put = [...open.entries]
  const file = replaceLog(open.path, [frame({ format: FORMAT }), frame({ put })])
  fs.closeSync(open.file)
  open.file = fs.openSync(join(open.path, 'log'), 'r+')
  open.size = file
  open.compacted = file
}

function apply(open: Open, { deleteRanges = [], delete: keys = [], put = [] }: WriteBatch): void {
  const { entries } = open
  for (const { from, to } of deleteRanges)
    for (const key of entries.keys()) if (from <= key && key < to) entries.delete(key)
  for (const key of keys) entries.delete(key)
  for (const [key, value] of put) entries.set(key, value as string)
  open.keys = null
}

function checkValues({ put = [] }: WriteBatch): void {
  for (const [key, value] of put) {
    const isText = typeof key === 'string' && typeof value === 'string'
    if (!isText || Buffer.byteLength(value) > MAX_VALUE_BYTES) throw storeError('invalid_value')
  }
}
