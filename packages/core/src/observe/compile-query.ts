import { isPlainObject } from '../model/json.ts'
import { checkPath, compileWhere, type Demand } from './compile-where.ts'
import { type FieldReader, fieldReader } from './field-path.ts'
import { invalidQuery, kindOf } from './invalid-query.ts'
import { compareText, compareValues } from './order.ts'
import type { Query } from './query.ts'

/** What every document has. */
export interface Identified {
  readonly id: string
}

export interface OrderedField {
  readonly path: string
  readonly read: FieldReader
  readonly descending: boolean
}

export interface CompiledQuery<T> {
  matches(document: T): boolean
  /** A total order: 0 only for one and the same id. */
  compare(a: T, b: T): number
  readonly order: readonly OrderedField[]
  /** Comparisons that every matching document passes. */
  readonly demands: readonly Demand[]
  /** Who passes them matches. */
  readonly isAllDemands: boolean
  /** Infinity: all. */
  readonly limit: number
  readonly offset: number
}

const KEYS: ReadonlySet<string> = new Set(['where', 'orderBy', 'limit', 'offset'])

/** Throws `invalid_query`, naming what is wrong, whatever it is given. */
export function compileQuery<T extends Identified>(query: Query<T>): CompiledQuery<T> {
  if (!isPlainObject(query)) throw invalidQuery(`it must be an object, not ${kindOf(query)}`)
  for (const key of Object.keys(query)) {
    if (!KEYS.has(key))
      throw invalidQuery(`"${key}" is no part of a query (there are ${[...KEYS].join(', ')})`)
  }
  const { where = {}, orderBy = [], limit, offset } = query as Query<T>
  const { matches, demands, isAllDemands } = compileWhere(where)
  const order = compileOrder(orderBy)
  return {
    matches,
    compare: comparator(order),
    order,
    demands,
    isAllDemands,
    limit: limit === undefined ? Number.POSITIVE_INFINITY : count('limit', limit),
    offset: offset === undefined ? 0 : count('offset', offset),
  }
}

function compileOrder(orderBy: unknown): OrderedField[] {
  const terms: readonly unknown[] = Array.isArray(orderBy) ? orderBy : [orderBy]
  return terms.flatMap((term) => {
    if (!isPlainObject(term))
      throw invalidQuery(`"orderBy" takes objects of field and direction, not ${kindOf(term)}`)
    return Object.entries(term).map(([path, direction]) => {
      checkPath(path)
      if (direction !== 'asc' && direction !== 'desc') {
        throw invalidQuery(`"orderBy" of "${path}" must be 'asc' or 'desc'`, { path })
      }
      return { path, read: fieldReader(path), descending: direction === 'desc' }
    })
  })
}

function comparator<T extends Identified>(order: readonly OrderedField[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const { read, descending } of order) {
      const difference = compareValues(read(a), read(b))
      if (difference !== 0) return descending ? -difference : difference
    }
    return compareText(a.id, b.id)
  }
}

function count(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw invalidQuery(`"${name}" must be a whole number from 0, not ${kindOf(value)}`)
}
