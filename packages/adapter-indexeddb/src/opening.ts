import { promisifyRequest } from 'idb-keyval'
import { blocked, lost, newerVersion, openFailure } from './failures.ts'
import { DROPPED_AT, databaseName, ENTRIES, IDENTITY, META, newIdentity, VERSION } from './options.ts'
import { witness } from './witness.ts'

export interface Opening {
  readonly timeoutMs: number
  /** False: only a database that exists may be opened; none is ever made in its place. */
  readonly create: boolean
}

export async function openDatabase(name: string, opening: Opening): Promise<IDBDatabase> {
  let gone = false
  let made = false
  try {
    const request = indexedDB.open(databaseName(name), VERSION)
    request.onupgradeneeded = () => {
      made = opening.create
      if (made) createStores(request.result, witness.knows(name))
      else {
        gone = true
        request.transaction?.abort()
      }
    }
    const database = await inTime(request, opening.timeoutMs, () => blocked('open', name), closeLate)
    if (made) witness.remember(name)
    if (database.objectStoreNames.contains(ENTRIES) && database.objectStoreNames.contains(META))
      return database
    database.close()
    throw newerVersion(name)
  } catch (error) {
    throw gone ? lost(name, 'deleted') : openFailure(name, error)
  }
}

/** Asks the open tabs to let go (their stores report `store_lost`), then deletes. */
export async function destroyDatabase(name: string, timeoutMs: number): Promise<void> {
  try {
    await inTime(indexedDB.deleteDatabase(databaseName(name)), timeoutMs, () => blocked('destroy', name))
    witness.forget(name)
  } catch (error) {
    throw openFailure(name, error)
  }
}

/** What the database says of itself. */
export async function readMeta(database: IDBDatabase): Promise<{ identity: unknown; droppedAt: unknown }> {
  const meta = database.transaction(META).objectStore(META)
  const [identity, droppedAt] = await Promise.all([
    promisifyRequest<unknown>(meta.get(IDENTITY)),
    promisifyRequest<unknown>(meta.get(DROPPED_AT)),
  ])
  return { identity, droppedAt }
}

function createStores(database: IDBDatabase, isReplacement: boolean): void {
  database.createObjectStore(ENTRIES)
  const meta = database.createObjectStore(META)
  meta.put(newIdentity(), IDENTITY)
  if (isReplacement) meta.put(Date.now(), DROPPED_AT)
}

/** A request that is blocked cannot be taken back, and it fires nothing while it stands in a queue. */
function inTime<T>(
  request: IDBRequest<T>,
  timeoutMs: number,
  late: () => Error,
  discard?: (result: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      request.onsuccess = () => discard?.(request.result)
      reject(late())
    }, timeoutMs)
    request.onsuccess = () => {
      clearTimeout(timer)
      resolve(request.result)
    }
    request.onerror = () => {
      clearTimeout(timer)
      reject(request.error)
    }
  })
}

const closeLate = (database: IDBDatabase): void => database.close()
