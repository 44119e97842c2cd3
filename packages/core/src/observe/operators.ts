import { type JsonValue, jsonEquals } from '../model/json.ts'
import { invalidQuery, kindOf } from './invalid-query.ts'

/** Tests one field's value; undefined where the field is missing. */
export type FieldTest = (value: unknown) => boolean

type Operator = (operand: unknown, place: string) => FieldTest

/** Each takes its operand apart once and returns the test that runs for each document. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['eq', (operand, place) => equals(json(operand, place))],
  [
    'ne',
    (operand, place) => {
      const same = equals(json(operand, place))
      return (value) => value !== undefined && !same(value)
    },
  ],
  ['in', (operand, place) => oneOf(list(operand, place))],
  [
    'nin',
    (operand, place) => {
      const known = oneOf(list(operand, place))
      return (value) => value !== undefined && !known(value)
    },
  ],
  [
    'exists',
    (operand, place) => {
      if (typeof operand !== 'boolean') throw badOperand(place, 'true or false', operand)
      return (value) => (value !== undefined) === operand
    },
  ],
  ['gt', comparing((value, operand) => value > operand)],
  ['gte', comparing((value, operand) => value >= operand)],
  ['lt', comparing((value, operand) => value < operand)],
  ['lte', comparing((value, operand) => value <= operand)],
  ['startsWith', testingText((value, operand) => value.startsWith(operand))],
  ['contains', testingText((value, operand) => value.includes(operand))],
  ['has', (operand, place) => holds(json(operand, place))],
  [
    'hasAny',
    (operand, place) => {
      const tests = list(operand, place).map(holds)
      return (value) => tests.some((test) => test(value))
    },
  ],
  [
    'hasAll',
    (operand, place) => {
      const tests = list(operand, place).map(holds)
      return (value) => Array.isArray(value) && tests.every((test) => test(value))
    },
  ],
])

/** The test for one operator on the field `path`; `invalid_query` for an unknown one or a bad operand. */
export function fieldTest(path: string, name: string, operand: unknown): FieldTest {
  const operator = OPERATORS.get(name)
  if (operator === undefined) {
    const known = [...OPERATORS.keys()].join(', ')
    throw invalidQuery(`"${name}" on "${path}" is no operator (there are ${known})`, { path, operator: name })
  }
  return operator(operand, `"${name}" on "${path}"`)
}

function equals(operand: JsonValue): FieldTest {
  if (typeof operand !== 'object' || operand === null) return (value) => value === operand
  return (value) => jsonEquals(value as JsonValue | undefined, operand)
}

function oneOf(operands: readonly JsonValue[]): FieldTest {
  if (operands.every((operand) => typeof operand !== 'object' || operand === null)) {
    const known = new Set<unknown>(operands)
    return (value) => known.has(value)
  }
  const tests = operands.map(equals)
  return (value) => tests.some((test) => test(value))
}

function holds(operand: JsonValue): FieldTest {
  if (typeof operand !== 'object' || operand === null) {
    return (value) => Array.isArray(value) && value.includes(operand)
  }
  const same = equals(operand)
  return (value) => Array.isArray(value) && value.some(same)
}

function comparing(test: (value: string | number, operand: string | number) => boolean): Operator {
  return (operand, place) => {
    const type = typeof operand
    if (type === 'string' || (type === 'number' && Number.isFinite(operand))) {
      return (value) => typeof value === type && test(value as string | number, operand as string | number)
    }
    throw badOperand(place, 'a string or a finite number', operand)
  }
}

function testingText(test: (value: string, operand: string) => boolean): Operator {
  return (operand, place) => {
    if (typeof operand !== 'string') throw badOperand(place, 'a string', operand)
    return (value) => typeof value === 'string' && test(value, operand)
  }
}

function list(operand: unknown, place: string): readonly JsonValue[] {
  if (!Array.isArray(operand)) throw badOperand(place, 'a list', operand)
  return operand.map((item) => json(item, place))
}

function json(operand: unknown, place: string): JsonValue {
  const type = typeof operand
  const finite = type !== 'number' || Number.isFinite(operand)
  if (finite && (type === 'string' || type === 'number' || type === 'boolean' || type === 'object')) {
    return operand as JsonValue
  }
  throw badOperand(place, 'a JSON value', operand)
}

function badOperand(place: string, wanted: string, operand: unknown) {
  return invalidQuery(`${place} takes ${wanted}, not ${kindOf(operand)}`)
}
