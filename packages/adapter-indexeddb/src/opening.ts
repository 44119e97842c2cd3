import { promisifyRequest } from 'idb-keyval'
import { blocked, lost, newerVersion, openFailure } from './failures.ts'
import { databaseName, ENTRIES, IDENTITY, META, newIdentity, VERSION } from './options.ts'

export interface Opening {
  readonly timeoutMs: number
  /** False: only a database that exists may be opened; none is ever made in its place. */
  readonly create: boolean
}

export async function openDatabase(name: string, opening: Opening): Promise<IDBDatabase> {
  let gone = false
  try {
    const request = indexedDB.open(databaseName(name), VERSION)
    request.onupgradeneeded = () => {
      if (opening.create) createStores(request.result)
      else {
        gone = true
        request.transaction?.abort()
      }
    }
    const database = await inTime(request, opening.timeoutMs, () => blocked('open', name), closeLate)
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
  } catch (error) {
    throw openFailure(name, error)
  }
}

export function readIdentity(database: IDBDatabase): Promise<unknown> {
  return promisifyRequest(database.transaction(META).objectStore(META).get(IDENTITY))
}

function createStores(database: IDBDatabase): void {
  database.createObjectStore(ENTRIES)
  database.createObjectStore(META).put(newIdentity(), IDENTITY)
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
