import { type Attributes, callEngine, sleep } from './engine.ts'

/**
 * A second copy of each table that lags behind, for reads that are not consistent: each item gets
 * its states in order, some time after the first copy.
 */
export class LaggingReplica {
  readonly #endpoint: string
  readonly #chains = new Map<string, Promise<unknown>>()

  constructor(endpoint: string) {
    this.#endpoint = endpoint
  }

  nameOf(table: string): string {
    return `${table}-replica`
  }

  put(table: string, key: string, item: Attributes, ms: number): void {
    const before = this.#chains.get(key) ?? Promise.resolve()
    const put = Promise.all([before, sleep(ms)]).then(() =>
      callEngine(this.#endpoint, 'PutItem', { TableName: this.nameOf(table), Item: item }),
    )
    this.#chains.set(
      key,
      put.catch(() => {}),
    )
  }

  async settled(): Promise<void> {
    await Promise.all(this.#chains.values())
  }
}
