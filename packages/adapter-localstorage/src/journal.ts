import type { Layout } from './layout.ts'

/**
 * A Storage sets one key at a time. A batch of several is made whole by one more key:
 *
 *   undo   what the keys to be written held before, until all are written
 *   remove what is still to be removed; replacing `undo` by it, in one step, is the commit
 *
 * and without the key there is nothing to do. A batch that removes nothing commits by dropping `undo`.
 */
type Journal =
  | { readonly undo: readonly (readonly [key: string, before: string | null])[] }
  | { readonly remove: readonly string[] }

export interface Change {
  readonly put: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

/** Takes effect as a whole or throws and leaves everything as it was; also if the tab dies in it. */
export function commit(storage: Storage, layout: Layout, { put, remove }: Change): void {
  const isSingle = put.size + remove.length === 1
  if (isSingle) for (const [key, value] of put) storage.setItem(key, value)
  else if (put.size > 0) writeUndoably(storage, layout, { put, remove })
  else note(storage, layout, { remove })
  for (const key of remove) storage.removeItem(key)
  if (!isSingle) storage.removeItem(layout.journal)
}

/** Ends what a batch began before the tab died. False if the journal cannot be read. */
export function recover(storage: Storage, layout: Layout): boolean {
  const text = storage.getItem(layout.journal)
  if (text === null) return true
  const journal = parse(text)
  if (journal === undefined) return false
  if ('undo' in journal) rollBack(storage, journal.undo)
  else for (const key of journal.remove) storage.removeItem(key)
  storage.removeItem(layout.journal)
  return true
}

function writeUndoably(storage: Storage, layout: Layout, { put, remove }: Change): void {
  const undo = [...put.keys()].map((key) => [key, storage.getItem(key)] as const)
  note(storage, layout, { undo })
  try {
    for (const [key, value] of put) storage.setItem(key, value)
    if (remove.length > 0) note(storage, layout, { remove })
  } catch (error) {
    rollBack(storage, undo)
    storage.removeItem(layout.journal)
    throw error
  }
}

/** Removes before it restores, so that what fitted before fits again beside the journal. */
function rollBack(storage: Storage, undo: readonly (readonly [string, string | null])[]): void {
  for (const [key] of undo) storage.removeItem(key)
  for (const [key, before] of undo) if (before !== null) storage.setItem(key, before)
}

function note(storage: Storage, layout: Layout, journal: Journal): void {
  storage.setItem(layout.journal, JSON.stringify(journal))
}

function parse(text: string): Journal | undefined {
  try {
    const journal: unknown = JSON.parse(text)
    if (typeof journal !== 'object' || journal === null) return undefined
    return 'undo' in journal || 'remove' in journal ? (journal as Journal) : undefined
  } catch {
    return undefined
  }
}
