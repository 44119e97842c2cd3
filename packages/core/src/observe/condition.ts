type Scalar = string | number | boolean | null
type List = readonly unknown[]
type Item<V> = V extends readonly (infer I)[] ? I : never

/** What one field must be: a plain value (equality), or operators that must all hold. */
export type Condition<V> = unknown extends V ? LooseCondition : StrictCondition<Exclude<V, undefined>>

type StrictCondition<V> = Extract<V, Scalar> | Operators<V>

export type Operators<V> = EqualityOperators<V> &
  ([Extract<V, string>] extends [never] ? unknown : TextOperators) &
  ([Extract<V, string | number>] extends [never] ? unknown : RangeOperators<Widened<V>>) &
  ([Extract<V, List>] extends [never] ? unknown : ListOperators<Item<Extract<V, List>>>)

type Widened<V> =
  | (Extract<V, string> extends never ? never : string)
  | (Extract<V, number> extends never ? never : number)

export interface EqualityOperators<V> {
  readonly eq?: V
  /** The field is there and has another value. */
  readonly ne?: V
  readonly in?: readonly V[]
  /** The field is there and has none of these values. */
  readonly nin?: readonly V[]
  readonly exists?: boolean
}

export interface RangeOperators<V> {
  readonly gt?: V
  readonly gte?: V
  readonly lt?: V
  readonly lte?: V
}

/** Case counts. */
export interface TextOperators {
  readonly startsWith?: string
  readonly contains?: string
}

export interface ListOperators<I> {
  /** The list holds this item. */
  readonly has?: I
  /** The list holds at least one of these. */
  readonly hasAny?: readonly I[]
  /** The list holds all of these. */
  readonly hasAll?: readonly I[]
}

/** For documents without a known type: the shape of operands is checked at run time only. */
type LooseCondition = Scalar | LooseOperators | readonly object[]
interface LooseOperators
  extends EqualityOperators<unknown>,
    RangeOperators<string | number>,
    TextOperators,
    ListOperators<unknown> {
  readonly [path: string]: unknown
}
