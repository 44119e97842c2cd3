import { type Holdfast, jsonEquals } from '@holdfast/core'
import type { Storage } from './core.ts'
import { asDocument, type Collections, keyOf, type Stored } from './documents.ts'
import { Violation } from './violation.ts'

const SHOWN = ['notes', 'whole'] as const
const LIMIT = 2

type Lists = Record<(typeof SHOWN)[number], readonly Stored[]>

/** Two lists on the screen of a tab: live queries, whose windows are kept for the next start. */
export class ShownLists {
  readonly #storage: Storage
  readonly #live
  /** What was shown before the pages were read, with the device's count of batches then. */
  #first: { readonly lists: Lists; readonly batches: number } | null = null

  constructor(db: Holdfast<Collections>, storage: Storage) {
    this.#storage = storage
    this.#live = SHOWN.map((name) => {
      const live = db[name].live({ orderBy: { id: 'asc' }, limit: LIMIT })
      live.subscribe(() => {})
      return { name, live }
    })
  }

  /** True if the tab shows something while its pages are being read. */
  noteFirstSight(batches: number): boolean {
    if (this.#storage.ready === null) return false
    const lists = {} as Lists
    for (const { name, live } of this.#live) if (!live.isLoading) lists[name] = live.getSnapshot()
    this.#first = { lists, batches }
    return true
  }

  /** The pages were read: what was shown before must be what they say, if nothing was written meanwhile. */
  checkFirstSight(name: string, batches: number): void {
    if (this.#first === null) return
    const { lists, batches: before } = this.#first
    this.#first = null
    if (before !== batches) return
    for (const collection of SHOWN) {
      const shown = lists[collection]
      if (shown !== undefined) this.#compare(shown, { collection, name, rule: 'S9' })
    }
  }

  /** What a list shows is what its tab has. */
  check(name: string): void {
    for (const { name: collection, live } of this.#live)
      if (!live.isLoading && this.#storage.isAtHand)
        this.#compare(live.getSnapshot(), { collection, name, rule: 'S8' })
  }

  #compare(shown: readonly Stored[], of: { collection: string; name: string; rule: string }): void {
    const { tables } = this.#storage
    const ids = [...tables.ids(of.collection)].sort().slice(0, LIMIT)
    const isSame = ids.join() === shown.map(({ id }) => id).join()
    const other = shown.find((document) => {
      const row = tables.get(of.collection, document.id)
      if (row === undefined || typeof row.content === 'symbol') return false
      return !jsonEquals(tables.view(of.collection, document.id), asDocument(document))
    })
    if (isSame && other === undefined) return
    const what = `${shown.map(({ id }) => id)}${other === undefined ? '' : `, with another ${keyOf(of.collection, other.id)},`}`
    throw new Violation(of.rule, `${of.name} shows ${what} of ${of.collection}, not ${ids}`)
  }
}
