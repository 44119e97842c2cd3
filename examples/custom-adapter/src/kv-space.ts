/** A value under a key of a table, and its place in the order of the commits. */
export interface KvEntry {
  readonly table: string
  readonly key: string
  /** Chosen by who wrote it. */
  readonly tag: string
  readonly value: unknown
}

export interface KvPut extends KvEntry {
  /** The tag that must still stand there; null: nothing must. */
  readonly ifTag: string | null
}

export interface KvChanges {
  readonly entries: readonly KvEntry[]
  /** The place up to which each table is read now. */
  readonly after: Readonly<Record<string, string>>
  readonly more: boolean
  /** Tables whose place was void: they were read from the beginning. */
  readonly reset: readonly string[]
}

/**
 * Tables of keys in one order of commits. A write is one commit: all of its puts, or none where one
 * finds another tag than it names. Each entry stands in the order where its latest commit is.
 */
export class KvSpace {
  readonly #entries = new Map<string, KvEntry & { readonly place: number }>()
  #places = 0

  /** What stands under each key; null: nothing. */
  read(keys: readonly (readonly [table: string, key: string])[]): (KvEntry | null)[] {
    return keys.map(([table, key]) => this.#entries.get(idOf(table, key)) ?? null)
  }

  /** True if the puts took effect. */
  write(puts: readonly KvPut[]): boolean {
    const isCurrent = ({ table, key, ifTag }: KvPut) =>
      (this.#entries.get(idOf(table, key))?.tag ?? null) === ifTag
    if (!puts.every(isCurrent)) return false
    for (const { ifTag: _, ...entry } of puts) {
      const id = idOf(entry.table, entry.key)
      // To the end of the map, which is the order of the commits.
      this.#entries.delete(id)
      this.#entries.set(id, { ...entry, place: ++this.#places })
    }
    return true
  }

  /** The entries of each table in `after` that follow its place (null: from the beginning), at most `limit`. */
  changes(
    asked: { after: Record<string, string | null>; limit: number; epoch: string | null },
    epoch: string,
  ): KvChanges {
    const places = Object.entries(asked.after).map(([table, text]) => {
      const isValid = text !== null && asked.epoch === epoch && /^\d{1,15}$/.test(text)
      const place = isValid && Number(text) <= this.#places ? Number(text) : 0
      return { table, place, isReset: text !== null && (!isValid || Number(text) > this.#places) }
    })
    const placeByTable = new Map(places.map(({ table, place }) => [table, place]))
    const due = [...this.#entries.values()].filter(
      ({ table, place }) => place > (placeByTable.get(table) ?? place),
    )
    const page = due.slice(0, Math.max(1, asked.limit))
    const more = page.length < due.length
    const end = more ? (page.at(-1)?.place ?? 0) : this.#places
    return {
      entries: page,
      after: Object.fromEntries(places.map(({ table, place }) => [table, String(Math.max(place, end))])),
      more,
      reset: places.filter(({ isReset }) => isReset).map(({ table }) => table),
    }
  }
}

const idOf = (table: string, key: string) => JSON.stringify([table, key])
