import { expectTypeOf, test } from 'vitest'
import type { JsonValue } from '../model/json.ts'
import type { FieldPath, FieldValue } from './field-path.ts'
import type { Query } from './query.ts'

interface Contact {
  readonly id: string
  readonly name: string
  readonly phone?: string
  readonly nick: string | null
  readonly age: number
  readonly vip: boolean
  readonly kind: 'person' | 'firm'
  readonly tags: readonly string[]
  readonly scores?: number[]
  readonly address?: { readonly city: string; readonly geo: { readonly lat: number } | null }
  readonly mixed: string | number
}

interface Tree {
  readonly id: string
  readonly left?: Tree
}

/** Stands for what the compiler checks; nothing runs. */
const check = <T>(_query: Query<T>) => {}

test('paths name fields, also in nested objects, with their types', () => {
  expectTypeOf<'address' | 'address.city' | 'address.geo.lat' | 'name'>().toExtend<FieldPath<Contact>>()
  expectTypeOf<'tags.length'>().not.toExtend<FieldPath<Contact>>()
  expectTypeOf<'name.length'>().not.toExtend<FieldPath<Contact>>()
  expectTypeOf<FieldValue<Contact, 'address.geo.lat'>>().toEqualTypeOf<number>()
  expectTypeOf<'left.left.id'>().toExtend<FieldPath<Tree>>()
})

test('right queries compile', () => {
  check<Contact>({})
  check<Contact>({ where: { name: 'Ada', age: 36, vip: true, nick: null, kind: 'firm' } })
  check<Contact>({
    where: { tags: { has: 'vip' }, age: { gte: 18, lt: 65 } },
    orderBy: { name: 'asc' },
    limit: 50,
  })
  check<Contact>({ where: { tags: { hasAny: ['a'], hasAll: ['b'], eq: ['a', 'b'] }, scores: { has: 1 } } })
  check<Contact>({ where: { name: { startsWith: 'A', contains: 'd', gt: 'A' }, phone: { exists: false } } })
  check<Contact>({ where: { 'address.city': 'Oslo', 'address.geo.lat': { gt: 59.5 }, 'address.geo': null } })
  check<Contact>({ where: { kind: { in: ['person', 'firm'], ne: 'firm' }, nick: { in: [null, 'x'] } } })
  check<Contact>({ where: { mixed: { gt: 1 }, $or: [{ mixed: { gt: 'a' } }, { $not: { vip: true } }] } })
  check<Contact>({ where: { $and: [{ name: 'Ada' }, { age: { lte: 1 } }] }, offset: 10 })
  check<Contact>({ orderBy: [{ 'address.city': 'desc' }, { age: 'asc', name: 'asc' }] })
  check<Contact>({ limit: undefined, where: undefined })
})

test('wrong fields, operators, operands and directions do not', () => {
  // @ts-expect-error no such field
  check<Contact>({ where: { nmae: 'Ada' } })
  // @ts-expect-error no such nested field
  check<Contact>({ where: { 'address.town': 'Oslo' } })
  // @ts-expect-error no such operator
  check<Contact>({ where: { age: { above: 1 } } })
  // @ts-expect-error a string where a number is
  check<Contact>({ where: { age: '18' } })
  // @ts-expect-error a string operand for a number
  check<Contact>({ where: { age: { gte: '18' } } })
  // @ts-expect-error numbers do not start with anything
  check<Contact>({ where: { age: { startsWith: '1' } } })
  // @ts-expect-error has is for lists
  check<Contact>({ where: { name: { has: 'A' } } })
  // @ts-expect-error the list holds strings
  check<Contact>({ where: { tags: { has: 1 } } })
  // @ts-expect-error a list is no plain value
  check<Contact>({ where: { tags: ['vip'] } })
  // @ts-expect-error booleans have no order
  check<Contact>({ where: { vip: { gt: false } } })
  // @ts-expect-error not one of the values
  check<Contact>({ where: { kind: 'robot' } })
  // @ts-expect-error never null
  check<Contact>({ where: { name: null } })
  // @ts-expect-error undefined is no value
  check<Contact>({ where: { name: undefined } })
  // @ts-expect-error combinators take lists
  check<Contact>({ where: { $or: { name: 'Ada' } } })
  // @ts-expect-error no such combinator
  check<Contact>({ where: { $nor: [{ name: 'Ada' }] } })
  // @ts-expect-error no such field, deeper
  check<Contact>({ where: { $and: [{ $not: { nmae: 'Ada' } }] } })
  // @ts-expect-error no such direction
  check<Contact>({ orderBy: { name: 'up' } })
  // @ts-expect-error no such field in the order
  check<Contact>({ orderBy: { nmae: 'asc' } })
  // @ts-expect-error no such part of a query
  check<Contact>({ select: ['name'] })
})

test('documents without a known type take any field', () => {
  interface Loose {
    readonly [key: string]: JsonValue
    readonly id: string
  }
  check<Loose>({ where: { anything: 'x', other: { gte: 1 }, 'a.b': { has: 1 } }, orderBy: { z: 'asc' } })
  check<Loose>({ where: { $or: [{ a: 1 }, { $not: { b: 2 } }] } })
  // @ts-expect-error no such direction
  check<Loose>({ orderBy: { z: 'up' } })
})
