import { classify, locked, unavailable } from './failures.ts'
import { settleWithOtherTabs } from './settle.ts'

/** Lets go of a database. */
export type Release = () => Promise<void>

/** What several tabs need so as not to overwrite each other. */
export interface Between {
  readonly locks: LockManager
  /** Names the lock on the database. */
  readonly lock: string
  /** A key that carries nothing but the proof that tabs agree. */
  readonly echo: string
}

/** What this realm holds, for storages that no Web Lock guards and for two stores of one page. */
const heldByStorage = new WeakMap<Storage, Set<string>>()

/**
 * Chromium shows one tab's writes to another some time later, also under a Web Lock, so a database is
 * held by one tab for as long as it is open there, and handed over when both have settled. The
 * browser ends the hold with the tab.
 */
export async function hold(
  storage: Storage,
  root: string,
  options: { readonly name: string; readonly between: Between | undefined; readonly timeoutMs: number },
): Promise<Release> {
  const { name, between, timeoutMs } = options
  const held = heldByStorage.get(storage) ?? new Set()
  heldByStorage.set(storage, held)
  if (held.has(root)) throw locked(name)
  held.add(root)
  let unlock: (() => void) | undefined
  const release = async () => {
    if (between !== undefined && unlock !== undefined) {
      await settleWithOtherTabs(between.echo).catch(() => undefined)
    }
    held.delete(root)
    unlock?.()
  }
  try {
    if (between === undefined) return release
    unlock = await lock(between, timeoutMs)
    await settleWithOtherTabs(between.echo)
    return release
  } catch (error) {
    held.delete(root)
    unlock?.()
    if (error instanceof DOMException && error.name === 'TimeoutError') throw locked(name)
    throw classify(error)
  }
}

/** The page's own. Without them another tab could not be told of. */
export function pageLocks(): LockManager {
  const locks: LockManager | undefined = globalThis.navigator?.locks
  if (locks !== undefined) return locks
  throw unavailable(
    'This page has no Web Locks (they need https), without which tabs would overwrite each other.',
  )
}

/** A page that is being left holds on for a moment, so a reload must wait a little. */
function lock({ locks, lock: name }: Between, timeoutMs: number): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const untilReleased = () =>
      new Promise<void>((release) => {
        resolve(release)
      })
    locks.request(name, { signal: AbortSignal.timeout(timeoutMs) }, untilReleased).catch(reject)
  })
}
