import { chooseDurability } from '../adapter/durability.ts'
import { assertStorable } from '../adapter/storable.ts'
import type {
  LocalCapabilities,
  LocalStore,
  LocalStoreEvents,
  StoreValue,
  WriteOptions,
} from '../contracts/local-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import {
  createDrive,
  type Database,
  type DiskClient,
  type DiskDrive,
  type MemoryDisk,
} from './memory-disk.ts'

export interface MemoryStoreOptions {
  /** Survives close and reopen, and is shared by all stores on it. A private one unless given. */
  readonly disk?: MemoryDisk
  /** Awaited before each operation takes effect, for simulations of a slow store. */
  readonly latency?: () => Promise<void>
}

const MAX_VALUE_BYTES = 256 * 1024 * 1024

interface Opened {
  readonly name: string
  readonly database: Database
  readonly client: DiskClient
}

/**
 * The reference LocalStore, in memory. Operations of one store run one after the other, each as a
 * whole, in the order in which they were issued. Durable only as far as its disk is: nothing
 * outlives the process, and the declared durability is `none` unless a disk says otherwise.
 */
export function memoryStore(options: MemoryStoreOptions = {}): LocalStore {
  const disk = (options.disk ?? createDrive({ journal: false })) as DiskDrive
  const capabilities: LocalCapabilities = {
    durability: disk.durability,
    binary: true,
    maxValueBytes: MAX_VALUE_BYTES,
    sharedBetweenTabs: options.disk !== undefined,
    scope: disk.scope,
    estimate: async () => ({ usage: disk.usage(), quota: disk.quota() }),
  }
  let opened: Opened | null = null
  let lost: HoldfastError | null = null
  let tail: Promise<unknown> = Promise.resolve()
  let closing: Promise<void> = Promise.resolve()

  /** Runs `work` after everything that was issued before. Refuses at once when not open. */
  async function enqueue<T>(work: (database: Database) => T): Promise<T> {
    const target = opened
    if (target === null) throw lost ?? closedError()
    const run = tail.then(async () => {
      await options.latency?.()
      if (lost !== null) throw lost
      return work(target.database)
    })
    tail = run.catch(() => {})
    return run
  }

  async function release({ name, client }: Opened): Promise<void> {
    opened = null
    await tail
    disk.detach(name, client)
  }

  return {
    specVersion: 1,
    capabilities,
    async open(name, events: LocalStoreEvents = {}) {
      if (opened !== null) throw lockedError(opened.name)
      const client: DiskClient = {
        onGone(why) {
          opened = null
          lost = why === 'lost' ? lostError(name) : closedError()
          if (why === 'lost') events.onLost?.(lost)
        },
      }
      const database = disk.attach(name, client)
      lost = null
      opened = { name, database, client }
      await options.latency?.()
    },
    getMany: (keys) => enqueue(({ entries }) => keys.map((key) => copyOf(entries.get(key)))),
    scan: ({ from, to, limit = Number.POSITIVE_INFINITY, reverse = false }) =>
      enqueue(({ entries }) => {
        const keys = entries.keysBetween(from, to)
        if (reverse) keys.reverse()
        return keys.slice(0, limit).map((key) => [key, copyOf(entries.get(key)) as StoreValue])
      }),
    async write(batch, { durability, expect } = {}) {
      const degree = chooseDurability(durability, capabilities)
      assertStorable(batch, capabilities)
      await enqueue((database) => {
        checkExpected(database, expect)
        database.apply(batch, degree)
      })
    },
    async close() {
      if (opened !== null) closing = release(opened)
      await closing
    },
    async destroy(name) {
      if (opened?.name === name) throw lockedError(name)
      disk.remove(name)
    },
  }
}

/** Bytes are copied on the way out: nobody can reach into the store. */
function copyOf(value: StoreValue | undefined): StoreValue | undefined {
  return value instanceof Uint8Array ? value.slice() : value
}

function checkExpected(database: Database, expect: WriteOptions['expect']): void {
  if (expect === undefined) return
  if ((database.entries.get(expect.key) ?? null) === expect.value) return
  throw new HoldfastError(
    'store_conflict',
    'The value that this write expected has changed. Nothing was written. Read it again, and decide anew.',
    { details: { key: expect.key } },
  )
}

function closedError(): HoldfastError {
  return new HoldfastError('store_closed', 'This store is not open. Nothing was changed. Open it first.')
}

function lostError(name: string): HoldfastError {
  return new HoldfastError(
    'store_lost',
    `The database '${name}' was deleted while it was open. What had not been synced from it is gone with it. Open the store again to start anew.`,
    { details: { name } },
  )
}

function lockedError(name: string): HoldfastError {
  return new HoldfastError(
    'store_locked',
    `The database '${name}' is open through this store. Nothing was changed. Close it first.`,
    { details: { name } },
  )
}
