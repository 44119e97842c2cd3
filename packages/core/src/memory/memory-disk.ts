import type { Durability, StoreValue, WriteBatch } from '../contracts/local-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { OrderedMap } from './ordered-map.ts'

/**
 * What survives when a memory store is closed or crashes: databases by name. It stands for a disk
 * in tests and simulations, with levers for what disks do. It is gone with the process.
 */
export interface MemoryDisk {
  readonly durability: readonly Durability[]
  /**
   * Ends every open store at once: what was not applied yet never is, and its calls fail with
   * `store_closed`. Writes that were not synced (only `strict` ones sync) survive up to the
   * oldest `keepUnsynced` of them; all, unless told.
   */
  crash(options?: { readonly keepUnsynced?: number }): void
  /** Makes all that was written so far survive any crash, as an operating system does by and by. */
  sync(): void
  /** The next `count` writes fail with `error` and change nothing. */
  failWrites(count: number, error: HoldfastError): void
  /** Every open fails with `error`, until null is given. */
  failOpens(error: HoldfastError | null): void
  /** Writes that would take the disk above `bytes` fail with `store_full`. */
  setQuota(bytes: number): void
  /** Deletes a database under its open stores, which fail with `store_lost`. */
  lose(name: string): void
}

/** A store that has a database open, as the disk sees it. */
export interface DiskClient {
  /** The database is gone for this client: `closed` by a crash, `lost` by a deletion. */
  onGone(why: 'closed' | 'lost'): void
}

/** The disk as the memory store uses it. */
export interface DiskDrive extends MemoryDisk {
  readonly scope: string
  attach(name: string, client: DiskClient): Database
  detach(name: string, client: DiskClient): void
  remove(name: string): void
  usage(): number
  quota(): number
}

export interface Database {
  readonly entries: OrderedMap
  /** Applies a batch that was checked before, whole; `store_full` and no change when out of space. */
  apply(batch: WriteBatch, durability: Durability): void
}

export interface MemoryDiskOptions {
  /** The kinds of durability that stores on it declare, strongest first. `['none']` unless told. */
  readonly durability?: readonly Durability[]
}

type Undo = readonly (readonly [key: string, before: StoreValue | undefined])[]

interface Stored extends Database {
  readonly clients: Set<DiskClient>
  readonly unsynced: { undo: Undo; order: number }[]
}

/** A disk for `memoryStore({ disk })`. */
export function createMemoryDisk(options: MemoryDiskOptions = {}): MemoryDisk {
  return createDrive({ ...options, journal: true })
}

let drives = 0

/** Without `journal`, a disk keeps no way back behind its unsynced writes, and needs no memory for it. */
export function createDrive(options: MemoryDiskOptions & { readonly journal: boolean }): DiskDrive {
  const databases = new Map<string, Stored>()
  let usage = 0
  let quota = Number.POSITIVE_INFINITY
  let writes = 0
  let failing: { count: number; error: HoldfastError } | null = null
  let openError: HoldfastError | null = null

  function createDatabase(): Stored {
    const entries = new OrderedMap()
    const database: Stored = {
      entries,
      clients: new Set(),
      unsynced: [],
      apply(batch, durability) {
        if (failing !== null && failing.count > 0) {
          failing.count -= 1
          throw failing.error
        }
        const undo = applyTo(entries, batch)
        const grown = undo.reduce((sum, [key, before]) => sum + sizeOf(key, entries, before), 0)
        if (grown > 0 && usage + grown > quota) {
          revert(entries, undo)
          throw new HoldfastError(
            'store_full',
            'The memory disk has no space left for this write. Nothing was changed. Free space or raise the quota, then write again.',
          )
        }
        usage += grown
        writes += 1
        if (options.journal) database.unsynced.push({ undo, order: writes })
        if (durability === 'strict') sync()
      },
    }
    return database
  }

  function sync(): void {
    for (const database of databases.values()) database.unsynced.length = 0
  }

  function end(database: Stored | undefined, why: 'closed' | 'lost'): void {
    for (const client of [...(database?.clients ?? [])]) client.onGone(why)
    database?.clients.clear()
  }

  function remove(name: string): void {
    const database = databases.get(name)
    databases.delete(name)
    for (const key of database?.entries.keysBetween('', '\uffff\uffff') ?? []) {
      usage -= bytesOf(key) + bytesOf(database?.entries.get(key))
    }
    end(database, 'lost')
  }

  drives += 1
  return {
    scope: `memory/${drives}`,
    durability: options.durability ?? ['none'],
    usage: () => usage,
    quota: () => quota,
    sync,
    remove,
    lose: remove,
    attach(name, client) {
      if (openError !== null) throw openError
      const database = databases.get(name) ?? createDatabase()
      databases.set(name, database)
      database.clients.add(client)
      return database
    },
    detach(name, client) {
      databases.get(name)?.clients.delete(client)
    },
    failWrites(count, error) {
      failing = { count, error }
    },
    failOpens(error) {
      openError = error
    },
    setQuota(bytes) {
      quota = bytes
    },
    crash({ keepUnsynced = Number.POSITIVE_INFINITY } = {}) {
      const orders = [...databases.values()].flatMap((d) => d.unsynced.map((write) => write.order))
      const firstLost = orders.sort((a, b) => a - b)[keepUnsynced] ?? Number.POSITIVE_INFINITY
      for (const database of databases.values()) {
        end(database, 'closed')
        for (const { undo, order } of database.unsynced.reverse()) {
          if (order < firstLost) continue
          usage -= undo.reduce((sum, [key, before]) => sum + sizeOf(key, database.entries, before), 0)
          revert(database.entries, undo)
        }
        database.unsynced.length = 0
      }
    },
  }
}

/** Ranges first, then keys, then puts; returns what each touched key held before. */
function applyTo(entries: OrderedMap, batch: WriteBatch): Undo {
  const before = new Map<string, StoreValue | undefined>()
  const set = (key: string, value: StoreValue | undefined) => {
    const old = entries.set(key, value)
    if (!before.has(key)) before.set(key, old)
  }
  for (const { from, to } of batch.deleteRanges ?? []) {
    for (const key of entries.keysBetween(from, to)) set(key, undefined)
  }
  for (const key of batch.delete ?? []) set(key, undefined)
  for (const [key, value] of batch.put ?? []) set(key, typeof value === 'string' ? value : value.slice())
  return [...before]
}

function revert(entries: OrderedMap, undo: Undo): void {
  for (const [key, before] of undo) entries.set(key, before)
}

/** Bytes that `key` takes now, less those that it took with the value `before`. */
function sizeOf(key: string, entries: OrderedMap, before: StoreValue | undefined): number {
  const now = entries.get(key)
  const taken = now === undefined ? 0 : bytesOf(key) + bytesOf(now)
  return taken - (before === undefined ? 0 : bytesOf(key) + bytesOf(before))
}

/** Two bytes for each code unit of a string: memory holds UTF-16. */
function bytesOf(value: StoreValue | undefined): number {
  return typeof value === 'string' ? value.length * 2 : (value?.byteLength ?? 0)
}
