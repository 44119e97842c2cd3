import { FORBIDDEN_KEYS, isPlainObject } from '../model/json.ts'
import { fieldReader } from './field-path.ts'
import { invalidQuery, kindOf } from './invalid-query.ts'
import { fieldTest } from './operators.ts'

export type DocumentTest = (document: object) => boolean

/** One comparison that every matching document passes. Indexes are chosen by these. */
export interface Demand {
  readonly path: string
  readonly operator: string
  readonly operand: unknown
}

export interface CompiledWhere {
  readonly matches: DocumentTest
  readonly demands: readonly Demand[]
  /** Who meets the demands matches: there is nothing else in it. */
  readonly isAllDemands: boolean
}

export function compileWhere(where: unknown): CompiledWhere {
  if (!isPlainObject(where)) throw invalidQuery(`"where" must be an object, not ${kindOf(where)}`)
  const tests: DocumentTest[] = []
  const demands: Demand[] = []
  let isAllDemands = true
  for (const [key, condition] of Object.entries(where)) {
    const part = key.startsWith('$') ? combinator(key, condition) : fieldCondition(key, condition)
    tests.push(part.matches)
    demands.push(...part.demands)
    isAllDemands &&= part.isAllDemands
  }
  return { matches: all(tests), demands, isAllDemands }
}

function combinator(name: string, parts: unknown): CompiledWhere {
  if (name === '$not') {
    const { matches } = compileWhere(parts)
    return { matches: (document) => !matches(document), demands: [], isAllDemands: false }
  }
  if (name !== '$and' && name !== '$or') {
    throw invalidQuery(`"${name}" is no combinator (there are $and, $or, $not)`, { operator: name })
  }
  if (!Array.isArray(parts)) throw invalidQuery(`"${name}" takes a list, not ${kindOf(parts)}`)
  const compiled = parts.map(compileWhere)
  const tests = compiled.map(({ matches }) => matches)
  if (name === '$or')
    return { matches: (document) => tests.some((test) => test(document)), demands: [], isAllDemands: false }
  return {
    matches: all(tests),
    demands: compiled.flatMap(({ demands }) => demands),
    isAllDemands: compiled.every((part) => part.isAllDemands),
  }
}

function fieldCondition(path: string, condition: unknown): CompiledWhere {
  checkPath(path)
  const read = fieldReader(path)
  const demands = comparisonsOf(path, condition).map(([operator, operand]) => ({ path, operator, operand }))
  const tests = demands.map(({ operator, operand }) => fieldTest(path, operator, operand))
  const [only, another] = tests
  if (only !== undefined && another === undefined)
    return { matches: (document) => only(read(document)), demands, isAllDemands: true }
  return {
    matches(document) {
      const value = read(document)
      for (const test of tests) if (!test(value)) return false
      return true
    },
    demands,
    isAllDemands: true,
  }
}

function comparisonsOf(path: string, condition: unknown): [operator: string, operand: unknown][] {
  if (isPlainObject(condition)) {
    const comparisons = Object.entries(condition)
    if (comparisons.length === 0) throw invalidQuery(`"${path}" has no operator; for equality with {} use eq`)
    return comparisons
  }
  if (condition === undefined || (typeof condition === 'object' && condition !== null)) {
    throw invalidQuery(`"${path}" takes a value or operators, not ${kindOf(condition)}`, { path })
  }
  return [['eq', condition]]
}

export function checkPath(path: string): void {
  if (!isFieldName(path)) throw invalidQuery(`"${path}" names no field that a document can have`, { path })
}

/** True for keys with dots between, none of them empty or forbidden. */
export function isFieldName(path: string): boolean {
  return path.split('.').every((key) => key !== '' && !FORBIDDEN_KEYS.has(key))
}

function all(tests: readonly DocumentTest[]): DocumentTest {
  const [first, second, ...rest] = tests
  if (first === undefined) return () => true
  if (second === undefined) return first
  if (rest.length === 0) return (document) => first(document) && second(document)
  return (document) => tests.every((test) => test(document))
}
