import type { Condition } from './condition.ts'
import type { FieldPath, FieldValue } from './field-path.ts'

/**
 * A question to one collection: which documents, in which order, and which part of them.
 *
 * Matching  A comparison never matches where the field is missing or of another type than its
 *           operand; only `exists: false` and `$not` match documents without the field. Equality
 *           is structural: for objects and lists whole values, keys in any order.
 * Order     missing < null < false < true < numbers < strings < lists and objects (equal to each
 *           other); strings by UTF-16 code units, the same everywhere, not by language. Ties, and
 *           everything without `orderBy`, go by id, ascending.
 */
export interface Query<T> {
  readonly where?: Where<T> | undefined
  readonly orderBy?: OrderBy<T> | undefined
  /** At most this many documents; all unless given. */
  readonly limit?: number | undefined
  /** This many documents of the order are left out at its beginning. */
  readonly offset?: number | undefined
}

/**
 * All fields named must match. A plain value means equality; dots lead into nested objects
 * (`'address.city'`). A field whose own name begins with `$` or holds a dot cannot be asked for.
 */
export type Where<T> = {
  readonly [P in FieldPath<T>]?: Condition<FieldValue<T, P>>
} & Combinators<T>

export interface Combinators<T> {
  /** All of these match; none given: always true. */
  readonly $and?: readonly Where<T>[]
  /** At least one of these matches; none given: never true. */
  readonly $or?: readonly Where<T>[]
  /** This does not match. */
  readonly $not?: Where<T>
}

export type Direction = 'asc' | 'desc'

type OrderTerm<T> = { readonly [P in FieldPath<T>]?: Direction }

/**
 * `{ name: 'asc', age: 'desc' }`: by name, then by age, as written. As a list of such objects
 * where a field has a whole number as its name, since JavaScript puts those first.
 */
export type OrderBy<T> = OrderTerm<T> | readonly OrderTerm<T>[]
