import type { ConflictStrategy, DeleteRule } from '../contracts/conflict-strategy.ts'
import type { SchemaOutput, StandardSchema } from '../contracts/schema.ts'
import type { JsonValue } from '../model/json.ts'
import type { FieldPath } from '../observe/field-path.ts'

export interface CollectionOptions<T> {
  /** How conflicts are settled; three-way merge with the newest value of a field unless given. */
  readonly conflict?: ConflictStrategy
  /** What happens when one side deleted and the other edited; `deleteWins` unless given. */
  readonly deletes?: DeleteRule
  /** Fields that queries look up or sort by; kept in memory. A list is indexed by its elements. */
  readonly indexes?: readonly (FieldPath<T> & string)[]
  /** Most bytes of a document's JSON text; one megabyte unless given. */
  readonly maxBytes?: number
  /** False: the documents stay on this device. */
  readonly sync?: boolean
}

declare const DOCUMENT: unique symbol
declare const INPUT: unique symbol

/** A collection's options, the type of its documents, and what its schema makes documents of. */
export interface CollectionConfig<T extends { readonly id: string }, I extends { readonly id: string } = T> {
  readonly schema: StandardSchema | null
  readonly options: CollectionOptions<T>
  readonly [DOCUMENT]?: T
  readonly [INPUT]?: I
}

/** Not known: a schema that does not tell its input takes what it gives. */
type SchemaInput<S> =
  S extends StandardSchema<infer Input, infer Output> ? (unknown extends Input ? Output : Input) : never

/** Documents have a string `id`, whether their schema names it or not, and a field that is not there is left out, never undefined. */
export type WithId<T> = Defined<T extends { readonly id: string } ? T : T & { readonly id: string }>

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

export type DocumentOf<C> = C extends CollectionConfig<infer T, infer _I> ? T : never

/** What can be inserted: a document, but for fields that the schema fills in. */
export type InputOf<C> = C extends CollectionConfig<infer _T, infer I> ? I : never

/** Describes a collection. The document type comes from the schema, or from the type parameter. */
export function collection<S extends StandardSchema>(
  options: { readonly schema: S } & CollectionOptions<WithId<SchemaOutput<S>>>,
): CollectionConfig<WithId<SchemaOutput<S>>, WithId<SchemaInput<S>>>
export function collection<
  T extends { readonly id: string } = { readonly id: string } & Record<string, JsonValue>,
>(options?: CollectionOptions<T>): CollectionConfig<T>
export function collection<T extends { readonly id: string }>(
  options: { readonly schema?: StandardSchema } & CollectionOptions<T> = {},
): CollectionConfig<T> {
  const { schema = null, ...rest } = options
  return { schema, options: rest }
}
