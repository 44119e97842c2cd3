/** Where a database lives in a Storage. One prefix per database, and no name's prefix starts another's. */
export interface Layout {
  readonly root: string
  /** Format and identity: its absence means that there is no database, whatever else is left. */
  readonly head: string
  /** What a batch that did not end needs in order to be undone or finished. */
  readonly journal: string
  readonly entries: string
  /** Names the Web Lock on all of it. */
  readonly lock: string
}

/** WebKit takes no name of a lock that is longer. */
const MAX_LOCK_NAME = 1024

export function layoutOf(prefix: string, name: string): Layout {
  const root = `${prefix}${encodeURIComponent(name)}/`
  const lock = root.length > MAX_LOCK_NAME ? prefix + name : root
  return { root, head: `${root}head`, journal: `${root}journal`, entries: `${root}e/`, lock }
}

export function keysUnder(storage: Storage, prefix: string): string[] {
  const keys: string[] = []
  for (let index = 0; index < storage.length; index++) {
    const key = storage.key(index)
    if (key?.startsWith(prefix) === true) keys.push(key)
  }
  return keys
}
