import { FORBIDDEN_KEYS } from './json.ts'
import { utf8Length } from './text-size.ts'

export interface JsonLimits {
  /** Most bytes of the value's JSON text in UTF-8. */
  readonly maxBytes: number
  /** Most objects and arrays around a value, the outermost one counted. */
  readonly maxDepth: number
}

/** What is wrong with a value, and where; `path` holds keys and array positions from the root. */
export type JsonFault =
  | { readonly kind: 'value' | 'key'; readonly path: readonly string[]; readonly found: string }
  | { readonly kind: 'size'; readonly bytes: number }

/** Thrown inside the walk only: a fault ends it from any depth. */
class Stop {
  readonly fault: JsonFault
  constructor(fault: JsonFault) {
    this.fault = fault
  }
}

/**
 * Checks that `value`, an object, is a JSON value within `limits`, in one pass. With `copy` the
 * result is frozen, through and through, and shares nothing with `value`; each property is read
 * once, and -0 has become 0. Without, the result is `value` itself.
 */
export function walkJson(
  value: object,
  limits: JsonLimits,
  { copy }: { readonly copy: boolean },
): { readonly value: object } | { readonly fault: JsonFault } {
  const walk = new Walk(limits, copy)
  try {
    return { value: walk.run(value) }
  } catch (error) {
    if (error instanceof Stop) return { fault: error.fault }
    // A getter or a proxy of the caller's threw.
    return { fault: { kind: 'value', path: [...walk.path], found: 'a property that cannot be read' } }
  }
}

/*
 * Size is bounded from both sides as the walk goes, since an exact count costs more than the rest:
 * a text unit is 1 to 6 bytes of JSON, and a value with its key's punctuation 1 to 30 besides.
 */
class Walk {
  readonly path: string[] = []
  readonly #limits: JsonLimits
  readonly #copy: boolean
  readonly #around: object[] = []
  #units = 0
  #values = 0

  constructor(limits: JsonLimits, copy: boolean) {
    this.#limits = limits
    this.#copy = copy
  }

  run(root: object): object {
    const result = this.#container(root)
    if (6 * this.#units + 30 * this.#values > this.#limits.maxBytes) {
      const bytes = utf8Length(JSON.stringify(result))
      if (bytes > this.#limits.maxBytes) throw new Stop({ kind: 'size', bytes })
    }
    return result
  }

  /** `key` is where the value stands in the container that is walked. */
  #value(value: unknown, key: string | number): unknown {
    if (typeof value === 'string') {
      this.#values += 1
      if (!value.isWellFormed()) this.#refuse('lone surrogate', key)
      this.#units += value.length
      return value
    }
    if (typeof value === 'object' && value !== null) {
      this.path.push(String(key))
      const result = this.#container(value)
      this.path.pop()
      return result
    }
    this.#values += 1
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) this.#refuse(String(value), key)
      return value === 0 ? 0 : value
    }
    if (typeof value !== 'boolean' && value !== null) this.#refuse(typeof value, key)
    return value
  }

  #container(value: object): object {
    this.#values += 1
    const least = this.#units + this.#values
    if (least > this.#limits.maxBytes) throw new Stop({ kind: 'size', bytes: least })
    if (this.#around.length >= this.#limits.maxDepth) this.#refuseDepth(value)
    const prototype = Object.getPrototypeOf(value)
    this.#around.push(value)
    let result: object
    if (Array.isArray(value)) {
      if (prototype !== Array.prototype) this.#refuse(className(prototype))
      result = this.#array(value)
    } else {
      if (prototype !== Object.prototype && prototype !== null) this.#refuse(className(prototype))
      result = this.#object(value as Record<string, unknown>)
    }
    this.#around.pop()
    return result
  }

  #object(value: Record<string, unknown>): object {
    // Spreading defines own properties, so not even an own `__proto__` reaches a prototype.
    const target = this.#copy ? { ...value } : value
    for (const key of Object.keys(target)) {
      if (FORBIDDEN_KEYS.has(key)) throw new Stop({ kind: 'key', path: [...this.path, key], found: 'key' })
      if (!key.isWellFormed()) this.#refuse('lone surrogate in a key', key)
      this.#units += key.length
      const before = target[key]
      const after = this.#value(before, key)
      if (this.#copy && !Object.is(before, after)) target[key] = after
    }
    if (Object.getOwnPropertySymbols(target).length > 0) this.#refuse('symbol key')
    return this.#copy ? Object.freeze(target) : target
  }

  #array(value: readonly unknown[]): object {
    const target = this.#copy ? value.slice() : value
    for (let i = 0; i < target.length; i++) {
      const before = target[i]
      if (before === undefined && !(i in target)) this.#refuse('hole', i)
      const after = this.#value(before, i)
      if (this.#copy) (target as unknown[])[i] = after
    }
    return this.#copy ? Object.freeze(target) : target
  }

  /** `key`: in the container that is walked; without, the container itself. */
  #refuse(found: string, key?: string | number): never {
    const path = key === undefined ? [...this.path] : [...this.path, String(key)]
    throw new Stop({ kind: 'value', path, found })
  }

  /** A cycle shows as depth without end; it is named at the first place that leads back. */
  #refuseDepth(value: object): never {
    const chain = [...this.#around, value]
    const back = chain.findIndex((item, i) => chain.indexOf(item) < i)
    if (back < 0) this.#refuse('too deep')
    throw new Stop({ kind: 'value', path: this.path.slice(0, back), found: 'cycle' })
  }
}

function className(prototype: unknown): string {
  const made = (prototype as { constructor?: unknown } | null)?.constructor
  return (typeof made === 'function' && made.name) || 'class instance'
}
