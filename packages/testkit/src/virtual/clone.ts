/**
 * A structured clone. What is made of plain objects, lists and primitives, as messages of tabs and
 * of remotes mostly are, is copied without the machinery that the general case needs.
 */
export function cloneOf<T>(value: T): T {
  return isPlain(value) ? (copy(value) as T) : structuredClone(value)
}

/** Deeper than this may be a cycle, which the general case knows. */
const MAX_DEPTH = 64

function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false
  if (typeof value !== 'object' || value === null) return true
  if (depth > MAX_DEPTH) return false
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1))
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.values(value).every((item) => isPlain(item, depth + 1))
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copy)
  const made: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') Object.defineProperty(made, key, { ...OWN, value: copy(inner) })
    else made[key] = copy(inner)
  }
  return made
}

const OWN = { enumerable: true, configurable: true, writable: true }
