import { FORBIDDEN_KEYS } from './json.ts'
import { utf8Length } from './text-size.ts'

export interface JsonLimits {
  /** Most bytes of the value's JSON text in UTF-8. */
  readonly maxBytes: number
  /** Most objects and arrays around a value, the outermost one counted; `MAX_DEPTH` unless given. */
  readonly maxDepth?: number
}

export const MAX_DEPTH = 64

/** What is wrong with a value, and where; `path` holds keys and array positions from the root. */
export type JsonFault =
  | { readonly kind: 'value' | 'key'; readonly path: readonly string[]; readonly found: string }
  | { readonly kind: 'size'; readonly bytes: number }

/** Thrown inside the walk only: a fault ends it from any depth. */
class Stop {
  readonly fault: (path: readonly string[]) => JsonFault
  /** From the fault outwards, as far as the walk was left. */
  readonly #keys: string[] = []

  constructor(fault: (path: readonly string[]) => JsonFault) {
    this.fault = fault
  }

  under(key: string | number): this {
    this.#keys.push(String(key))
    return this
  }

  get path(): string[] {
    return this.#keys.toReversed()
  }
}

/** What the caller's getters and proxies throw counts as a fault of the value that was being read. */
function stopFor(error: unknown): Stop {
  if (error instanceof Stop) return error
  return new Stop((path) => ({ kind: 'value', path, found: 'a property that cannot be read' }))
}

/**
 * Checks that `value`, an object, is a JSON value within `limits`, in one pass. The result is
 * frozen, through and through. With `copy` it shares nothing with `value`; each property is read
 * once, and -0 has become 0. Without, it is `value` itself; where a fault is found, parts of it may
 * be frozen. What it throws is for `faultOf`.
 */
export function walkJson(value: object, limits: JsonLimits, { copy }: { readonly copy: boolean }): object {
  return new Walk(limits, copy).run(value)
}

/** What `walkJson` found in `value`, given what it threw. */
export function faultOf(error: unknown, value: object): JsonFault {
  const stop = stopFor(error)
  const fault = stop.fault(stop.path)
  return 'found' in fault && fault.found === TOO_DEEP ? (cycleIn(value, stop.path) ?? fault) : fault
}

const TOO_DEEP = 'too deep'

/** A cycle shows as depth without end; it is named at the first place that leads back. */
function cycleIn(root: object, path: readonly string[]): JsonFault | null {
  const chain: unknown[] = [root]
  try {
    for (const key of path) chain.push((chain.at(-1) as Record<string, unknown>)[key])
  } catch {
    return null
  }
  const back = chain.findIndex((item, i) => chain.indexOf(item) < i)
  return back < 0 ? null : { kind: 'value', path: path.slice(0, back), found: 'cycle' }
}

/**
 * Keys that were found good, by their place in their object: documents of one collection mostly
 * have the same ones in the same order.
 */
const goodKeys: string[] = []
const REMEMBERED_KEYS = 64

/*
 * Size is bounded from both sides as the walk goes, since an exact count costs more than the rest:
 * a text unit is 1 to 6 bytes of JSON, and a value with its key's punctuation 1 to 30 besides.
 */
class Walk {
  readonly #maxBytes: number
  readonly #maxDepth: number
  readonly #copy: boolean
  #depth = 0
  #units = 0
  #values = 0

  constructor({ maxBytes, maxDepth = MAX_DEPTH }: JsonLimits, copy: boolean) {
    this.#maxBytes = maxBytes
    this.#maxDepth = maxDepth
    this.#copy = copy
  }

  run(root: object): object {
    const result = this.#container(root)
    if (6 * this.#units + 30 * this.#values > this.#maxBytes) {
      const bytes = utf8Length(JSON.stringify(result))
      if (bytes > this.#maxBytes) throw new Stop(() => ({ kind: 'size', bytes }))
    }
    return result
  }

  #container(value: object): object {
    this.#values += 1
    const least = this.#units + this.#values
    if (least > this.#maxBytes) throw new Stop(() => ({ kind: 'size', bytes: least }))
    if (this.#depth >= this.#maxDepth) throw refusal(TOO_DEEP)
    const prototype = Object.getPrototypeOf(value)
    this.#depth++
    let result: object
    if (Array.isArray(value)) {
      if (prototype !== Array.prototype) throw refusal(className(prototype))
      result = this.#array(value)
    } else {
      if (prototype !== Object.prototype && prototype !== null) throw refusal(className(prototype))
      result = this.#object(value as Record<string, unknown>)
    }
    this.#depth--
    return result
  }

  #object(value: Record<string, unknown>): object {
    // Spreading defines own properties, so not even an own `__proto__` reaches a prototype.
    const target = this.#copy ? { ...value } : value
    const keys = Object.keys(target)
    let units = 0
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string
      if (goodKeys[i] !== key) checkKey(key, i)
      const before = target[key]
      units += key.length
      if (typeof before === 'string') {
        if (!before.isWellFormed()) throw refusal('lone surrogate').under(key)
        units += before.length
        continue
      }
      const after = this.#value(before, key)
      if (this.#copy && !Object.is(before, after)) target[key] = after
    }
    this.#units += units
    this.#values += keys.length
    if (Object.getOwnPropertySymbols(target).length > 0) throw refusal('symbol key')
    return Object.freeze(target)
  }

  #array(value: readonly unknown[]): object {
    const target = this.#copy ? value.slice() : value
    for (let i = 0; i < target.length; i++) {
      const before = target[i]
      if (before === undefined && !(i in target)) throw refusal('hole').under(i)
      const after = this.#value(before, i)
      if (this.#copy) (target as unknown[])[i] = after
    }
    this.#values += target.length
    return Object.freeze(target)
  }

  /** `key` is where the value stands in the container that is walked, which counts it. */
  #value(value: unknown, key: string | number): unknown {
    switch (typeof value) {
      case 'string':
        if (!value.isWellFormed()) throw refusal('lone surrogate').under(key)
        this.#units += value.length
        return value
      case 'number':
        if (!Number.isFinite(value)) throw refusal(String(value)).under(key)
        return value === 0 ? 0 : value
      case 'boolean':
        return value
      case 'object':
        return value === null ? null : this.#child(value, key)
      default:
        throw refusal(typeof value).under(key)
    }
  }

  #child(value: object, key: string | number): object {
    try {
      return this.#container(value)
    } catch (error) {
      throw stopFor(error).under(key)
    }
  }
}

/** Remembers the key if it is good. */
function checkKey(key: string, i: number): void {
  if (FORBIDDEN_KEYS.has(key)) throw new Stop((path) => ({ kind: 'key', path, found: 'key' })).under(key)
  if (!key.isWellFormed()) throw refusal('lone surrogate in a key').under(key)
  if (i < REMEMBERED_KEYS) goodKeys[i] = key
}

/** Of the container that is walked; of what stands in it with `under`. */
function refusal(found: string): Stop {
  return new Stop((path) => ({ kind: 'value', path, found }))
}

function className(prototype: unknown): string {
  const made = (prototype as { constructor?: unknown } | null)?.constructor
  return (typeof made === 'function' && made.name) || 'class instance'
}
