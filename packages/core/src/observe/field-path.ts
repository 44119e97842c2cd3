type Scalar = string | number | boolean | null | undefined
type List = readonly unknown[]

/** The nested object in a field's type, if there is one. */
type Nested<V> = Exclude<V, Scalar | List>

/** Levels of nesting that paths are spelled out for, so that recursive types come to an end. */
type Deeper = [never, 0, 1, 2, 3]

/**
 * Names of a document's fields, and of fields in nested objects with dots between
 * (`'address.city'`). Any text for a type without known names.
 */
export type FieldPath<T, Levels extends number = 4> = string extends keyof T
  ? string
  : {
      [K in keyof T & string]:
        | K
        | ([Levels] extends [0]
            ? never
            : [Nested<T[K]>] extends [never]
              ? never
              : `${K}.${FieldPath<Nested<T[K]>, Deeper[Levels] & number>}`)
    }[keyof T & string]

/** The type of the field at `P`. */
export type FieldValue<T, P extends string> = string extends keyof T
  ? unknown
  : P extends keyof T
    ? T[P]
    : P extends `${infer K}.${infer Rest}`
      ? K extends keyof T
        ? FieldValue<Nested<T[K]>, Rest>
        : never
      : never

/** Reads one field of a document; undefined where it, or an object on the way, is missing. */
export type FieldReader = (document: object) => unknown

export function fieldReader(path: string): FieldReader {
  const [first = path, ...rest] = path.split('.')
  if (rest.length === 0) return (document) => ownValue(document, first)
  return (document) => {
    let value = ownValue(document, first)
    for (const key of rest) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
      value = ownValue(value, key)
    }
    return value
  }
}

/** All that a plain object inherits is functions, but for the keys that no document may hold. */
function ownValue(object: object, key: string): unknown {
  const value = (object as Record<string, unknown>)[key]
  return typeof value === 'function' ? undefined : value
}
