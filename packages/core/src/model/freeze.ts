/**
 * Freezes a JSON value through and through, in place, and returns it. What is frozen already is
 * taken to be so all the way down. Documents in memory are shared between reads, indexes and live
 * queries: one that an application could change would be found under keys that it no longer has.
 */
export function freezeJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const keys = Object.keys(value)
  for (let i = 0; i < keys.length; i++) freezeJson((value as Record<string, unknown>)[keys[i] as string])
  return Object.freeze(value)
}
