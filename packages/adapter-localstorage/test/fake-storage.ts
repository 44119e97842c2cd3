/** What a tab leaves in the middle of things: nothing after it is written. */
export class TabDied extends Error {}

/** A Storage in memory, with a quota, and with a moment at which its tab dies. */
export class FakeStorage implements Storage {
  readonly #items: Map<string, string>
  quota = Number.POSITIVE_INFINITY
  /** How many more changes take effect before the tab dies. */
  changesLeft = Number.POSITIVE_INFINITY;
  [name: string]: unknown

  constructor(items: Iterable<readonly [string, string]> = []) {
    this.#items = new Map(items)
  }

  /** What another tab finds after this one died. */
  copy(): FakeStorage {
    return new FakeStorage(this.#items)
  }

  get length(): number {
    return this.#items.size
  }

  get size(): number {
    return [...this.#items].reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null
  }

  setItem(key: string, value: string): void {
    this.#beginChange()
    const grown = value.length - (this.#items.get(key)?.length ?? -key.length)
    if (this.size + grown > this.quota) throw new DOMException('over quota', 'QuotaExceededError')
    this.#items.set(key, value)
  }

  removeItem(key: string): void {
    this.#beginChange()
    this.#items.delete(key)
  }

  clear(): void {
    this.#items.clear()
  }

  #beginChange(): void {
    if (this.changesLeft === 0) throw new TabDied('The tab died.')
    this.changesLeft -= 1
  }
}
