/** Tells whether a text is one of `ids`. A short list is looked through, which costs less than a set of it. */
export function among(ids: readonly string[]): (id: string) => boolean {
  if (ids.length <= 8) return (id) => ids.includes(id)
  const set = new Set(ids)
  return (id) => set.has(id)
}
