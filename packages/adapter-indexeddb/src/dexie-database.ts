import type { HoldfastError, StoreValue } from '@holdfast/core'
import { Dexie, type Table } from 'dexie'
import { blocked, lost, newerVersion, openFailure } from './failures.ts'
import { DROPPED_AT, databaseName, ENTRIES, IDENTITY, META, newIdentity, VERSION } from './options.ts'
import { witness } from './witness.ts'

export interface DexieOpening {
  readonly durability: 'strict' | 'relaxed'
  readonly timeoutMs: number
  /** The identity that the database must have; undefined: any, and it may be created. */
  readonly identity: string | undefined
  onLost(error: HoldfastError): void
}

export interface DexieDatabase {
  readonly dexie: Dexie
  readonly entries: Table<StoreValue, string>
  readonly identity: string
  readonly droppedAt: number | undefined
}

/**
 * Dexie fixes the durability per instance, so a database has one instance for each kind in use.
 * The layout is that of the light store: either opens what the other made.
 *
 * Dexie reopens by itself when a transaction finds the connection closed, even with autoOpen off.
 * The checks in `populate` and `ready` see that this never makes, or accepts, another database.
 */
export async function openDexie(name: string, opening: DexieOpening): Promise<DexieDatabase> {
  const dexie = new Dexie(databaseName(name), {
    autoOpen: false,
    chromeTransactionDurability: opening.durability,
  })
  dexie.version(VERSION / 10).stores({ [ENTRIES]: '', [META]: '' })
  let { identity } = opening
  let droppedAt: number | undefined
  let made = false
  dexie.on('populate', (creation) => {
    if (identity !== undefined) throw lost(name, 'deleted')
    identity = newIdentity()
    made = true
    const dropped = witness.knows(name) ? [[DROPPED_AT, Date.now()] as const] : []
    const meta = [[IDENTITY, identity] as const, ...dropped]
    return creation.table<unknown, string>(META).bulkAdd(
      meta.map(([, value]) => value),
      meta.map(([key]) => key),
    )
  })
  dexie.on(
    'ready',
    async (database) => {
      const meta = (database as Dexie).table<unknown, string>(META)
      const [found, at] = await meta.bulkGet([IDENTITY, DROPPED_AT])
      if (typeof found === 'string') identity ??= found
      if (typeof at === 'number') droppedAt = at
      if (found !== identity || found === undefined) throw lost(name, 'deleted')
    },
    true,
  )
  watch(dexie, name, opening.onLost)
  await openInTime(dexie, name, opening.timeoutMs)
  if (made) witness.remember(name)
  return { dexie, entries: dexie.table(ENTRIES), identity: identity ?? '', droppedAt }
}

function watch(dexie: Dexie, name: string, onLost: DexieOpening['onLost']): void {
  dexie.on('versionchange', (event) => {
    dexie.close()
    onLost(lost(name, event.newVersion === null ? 'deleted' : 'upgraded'))
    return false
  })
  // `close` fires this event again.
  let closing = false
  dexie.on('close', () => {
    if (closing) return
    closing = true
    dexie.close()
    onLost(lost(name, 'closed by the browser'))
  })
}

async function openInTime(dexie: Dexie, name: string, timeoutMs: number): Promise<void> {
  let late = false
  const timer = setTimeout(() => {
    late = true
    dexie.close()
  }, timeoutMs)
  try {
    await dexie.open()
    // Dexie opens a database of a higher version as if it were its own.
    if (dexie.backendDB().version !== VERSION) throw newerVersion(name)
  } catch (error) {
    dexie.close()
    throw late ? blocked('open', name) : openFailure(name, innermost(error))
  } finally {
    clearTimeout(timer)
  }
}

/** What the browser said: Dexie wraps it, once or more, or lists what became of each record of a batch. */
export function innermost(error: unknown): unknown {
  const inner = innerOf(error)
  return inner === undefined || inner === null ? error : innermost(inner)
}

function innerOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined
  if (error instanceof Dexie.BulkError) return error.failures[0]
  return 'inner' in error ? error.inner : undefined
}
