import { type JsonValue, jsonEquals } from '../src/model/json.ts'

/* What queries mean, written to be read and not to be fast: the oracle for those that are. */

export interface Row {
  readonly [field: string]: JsonValue
  readonly id: string
}

export interface NaiveQuery {
  readonly where?: object
  readonly orderBy?: Readonly<Record<string, 'asc' | 'desc'>>
  readonly limit?: number
  readonly offset?: number
}

export function naiveFind(
  rows: Iterable<Row>,
  { where = {}, orderBy = {}, limit, offset = 0 }: NaiveQuery,
): Row[] {
  const found = [...rows].filter((row) => holds(row, where))
  found.sort((a, b) => {
    for (const [path, direction] of Object.entries(orderBy)) {
      const difference = naiveCompare(at(a, path), at(b, path))
      if (difference !== 0) return direction === 'asc' ? difference : -difference
    }
    return a.id < b.id ? -1 : 1
  })
  return found.slice(offset, limit === undefined ? undefined : offset + limit)
}

function at(row: Row, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = row
  for (const key of path.split('.')) {
    const isObject: boolean = typeof value === 'object' && value !== null && !Array.isArray(value)
    value = isObject ? (value as Row)[key] : undefined
  }
  return value
}

function holds(row: Row, where: object): boolean {
  return Object.entries(where).every(([key, part]) => {
    if (key === '$and') return part.every((each: object) => holds(row, each))
    if (key === '$or') return part.some((each: object) => holds(row, each))
    if (key === '$not') return !holds(row, part)
    const conditions = typeof part === 'object' && part !== null ? part : { eq: part }
    return Object.entries(conditions).every(([name, operand]) =>
      passes(at(row, key), name, operand as JsonValue),
    )
  })
}

function passes(value: JsonValue | undefined, name: string, operand: JsonValue): boolean {
  if (name === 'exists') return (value !== undefined) === operand
  if (value === undefined) return false
  const operands = operand as readonly JsonValue[]
  const among = (item: JsonValue, list: readonly JsonValue[]) => list.some((other) => jsonEquals(item, other))
  if (name === 'eq') return jsonEquals(value, operand)
  if (name === 'ne') return !jsonEquals(value, operand)
  if (name === 'in') return among(value, operands)
  if (name === 'nin') return !among(value, operands)
  if (name === 'has') return Array.isArray(value) && among(operand, value)
  if (name === 'hasAny') return Array.isArray(value) && operands.some((item) => among(item, value))
  if (name === 'hasAll') return Array.isArray(value) && operands.every((item) => among(item, value))
  if (typeof value !== typeof operand) return false
  if (name === 'startsWith') return (value as string).indexOf(operand as string) === 0
  if (name === 'contains') return (value as string).indexOf(operand as string) >= 0
  if (typeof value !== 'string' && typeof value !== 'number') return false
  const difference = naiveCompare(value, operand)
  if (name === 'gt') return difference > 0
  if (name === 'gte') return difference >= 0
  if (name === 'lt') return difference < 0
  if (name === 'lte') return difference <= 0
  throw new Error(`no such operator: ${name}`)
}

const TYPES = ['undefined', 'null', 'false', 'true', 'number', 'string', 'object']

function naiveCompare(a: JsonValue | undefined, b: JsonValue | undefined): number {
  const typeOf = (value: unknown) =>
    TYPES.indexOf(value === null || typeof value === 'boolean' ? String(value) : typeof value)
  if (typeOf(a) !== typeOf(b)) return typeOf(a) - typeOf(b)
  if (typeof a === 'number') return a - (b as number)
  if (typeof a === 'string') return a === b ? 0 : a < (b as string) ? -1 : 1
  return 0
}
