/*
 * The part of Standard Schema (https://standardschema.dev, version 1) that Holdfast reads. Any
 * library that implements it (Zod, Valibot, ArkType, …) can describe a collection.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The document type that a schema describes. */
export type SchemaOutput<S> = S extends StandardSchema<infer _Input, infer Output> ? Output : never
