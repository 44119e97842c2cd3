const key = (name: string): string => `holdfast-indexeddb:${name}`

/**
 * Remembers in `localStorage`, which browsers keep in another place than IndexedDB, that a database
 * was made: so one that the browser dropped differs from one that never was. Chromium says in
 * `dataLoss` that it deleted the databases of an origin, but only to whoever opens the first one.
 *
 * Where there is no `localStorage` (in workers, or where it is switched off) nothing is remembered.
 */
export const witness = {
  remember(name: string): void {
    attempt((storage) => storage.setItem(key(name), 'made'))
  },
  forget(name: string): void {
    attempt((storage) => storage.removeItem(key(name)))
  },
  /** True if the database was made here and not destroyed by a store. */
  knows(name: string): boolean {
    return attempt((storage) => storage.getItem(key(name))) !== undefined
  },
}

function attempt<T>(work: (storage: Storage) => T): NonNullable<T> | undefined {
  try {
    return work(globalThis.localStorage) ?? undefined
  } catch {
    return undefined
  }
}
