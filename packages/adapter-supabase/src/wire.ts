import type { PushMutation } from '@holdfast/core'
import { withoutNulls } from './document.ts'
import type { Names } from './names.ts'

/** Nulls in lists beyond which the values of a table's new documents are sent as objects. */
const MAX_GAPS = 250_000

type Value = Readonly<Record<string, unknown>>

type WireMutation = [
  id: string,
  hlc: string,
  table: string,
  documentId: string,
  base: string | null,
  value: Value | readonly unknown[] | null,
  fields?: readonly string[] | null,
  group?: string,
]

interface WireColumns {
  readonly names: readonly string[]
  /** The one type of JSON that all values of a column have, or `any`; with '?' where a document has none. */
  readonly types: readonly string[]
}

type Run = [table: string, kind: 'create' | 'change', count: number]

/** What `holdfast_push` takes: see there. */
export interface WirePush {
  readonly mutations: readonly WireMutation[]
  readonly columns: Readonly<Record<string, WireColumns>>
  readonly runs?: readonly Run[]
}

/** What is the same for many mutations is told once, here, so that the database need not ask it of each. */
export function toWire(mutations: readonly PushMutation[], names: Names): WirePush {
  const shapes = new Map<string, Shape>()
  const wire = mutations.map(({ id, hlc, collection, documentId, base, value, fields, group }) => {
    const table = names.tableOf(collection)
    const isNew = base === null && value !== null
    const document = isNew || value === null ? value : withoutNulls(value)
    const sent: WireMutation = [id, hlc, table, documentId, base, document]
    if (fields !== undefined || group !== undefined) sent.push(fields ?? null)
    if (group !== undefined) sent.push(group)
    if (isNew) {
      const shape = shapes.get(table) ?? new Shape()
      if (shape.isEmpty) shapes.set(table, shape)
      shape.add(documentId, value)
    }
    return sent
  })
  for (const [table, shape] of shapes) if (shape.gaps > MAX_GAPS) shapes.delete(table)
  for (const sent of wire) {
    const value = sent[5] as Value | null
    if (sent[4] === null && value !== null)
      sent[5] = shapes.get(sent[2])?.listOf(value) ?? withoutNulls(value)
  }
  const columns = Object.fromEntries(Array.from(shapes, ([table, shape]) => [table, shape.columns()]))
  const runs = runsOf(wire)
  return { mutations: wire, columns, ...(runs === null ? {} : { runs }) }
}

/** The columns of a table's new documents. */
class Shape {
  readonly #columns = new Map<string, { type: string; count: number }>()
  readonly #names: string[] = []
  #documents = 0
  #filled = 0

  add(documentId: string, value: Value): void {
    this.#documents++
    for (const name of Object.keys(value)) {
      const item = value[name]
      // Beside a mutation, its document's id goes without saying.
      if (item === null || (name === 'id' && item === documentId)) continue
      const type = name === 'id' || typeof item === 'object' ? 'any' : typeof item
      const column = this.#columns.get(name)
      this.#filled++
      if (column === undefined) {
        this.#columns.set(name, { type, count: 1 })
        this.#names.push(name)
      } else {
        column.count++
        if (column.type !== type) column.type = 'any'
      }
    }
  }

  get isEmpty(): boolean {
    return this.#documents === 0
  }

  get gaps(): number {
    return this.#columns.size * this.#documents - this.#filled
  }

  listOf(value: Value): unknown[] {
    return this.#names.map((name) => (Object.hasOwn(value, name) ? value[name] : null))
  }

  columns(): WireColumns {
    return {
      names: this.#names,
      types: Array.from(this.#columns.values(), ({ type, count }) =>
        count < this.#documents ? `${type}?` : type,
      ),
    }
  }
}

/** Missing unless all are simple writes of different documents. */
function runsOf(mutations: readonly WireMutation[]): Run[] | null {
  const runs: Run[] = []
  const seen = new Map<string, Set<string>>()
  let last: Run | undefined
  let ids = new Set<string>()
  for (const sent of mutations) {
    const [table, base, value] = [sent[2], sent[4], sent[5]]
    if (value === null || sent[7] !== undefined || (base === null && !Array.isArray(value))) return null
    const kind = base === null ? 'create' : 'change'
    if (last?.[0] === table && last[1] === kind) last[2]++
    else {
      last = [table, kind, 1]
      runs.push(last)
      ids = seen.get(table) ?? new Set()
      seen.set(table, ids)
    }
    if (ids.size === ids.add(sent[3]).size) return null
  }
  return runs
}
