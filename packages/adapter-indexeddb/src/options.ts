import type { LocalCapabilities } from '@holdfast/core'

/** What both stores of this package take. */
export interface IndexedDbOptions {
  /** The least that is offered, and the default of a write: 'relaxed', or 'strict' for every write. */
  readonly durability?: 'strict' | 'relaxed'
  /** How long `open` and `destroy` wait for other tabs, in ms; 15,000 unless set. */
  readonly timeoutMs?: number
}

/** Databases of Holdfast stand apart from the application's own. */
export const databaseName = (name: string): string => `holdfast:${name}`

export const ENTRIES = 'entries'
export const META = 'meta'
export const IDENTITY = 'identity'
/** When the database was made in place of one that the browser had dropped; ms since 1970. */
export const DROPPED_AT = 'droppedAt'
export const VERSION = 1
export const DEFAULT_TIMEOUT_MS = 15_000

export const MAX_VALUE_BYTES = 32 * 1024 * 1024

export function capabilitiesHere(least: 'strict' | 'relaxed' = 'relaxed'): LocalCapabilities {
  const storage: StorageManager | undefined = globalThis.navigator?.storage
  const capabilities: LocalCapabilities = {
    durability: least === 'strict' ? ['strict'] : ['strict', 'relaxed'],
    binary: true,
    // Chromium takes 127 MB a serialised value, at two bytes a character.
    maxValueBytes: MAX_VALUE_BYTES,
    sharedBetweenTabs: true,
    scope: 'indexeddb',
  }
  if (storage?.estimate === undefined) return capabilities
  return {
    ...capabilities,
    async estimate() {
      const { usage = 0, quota = 0 } = await storage.estimate()
      return { usage, quota }
    },
  }
}

/** Random and fixed at creation, so that a database recreated under the same name is recognised as another. */
export function newIdentity(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
