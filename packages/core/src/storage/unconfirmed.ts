import type { Mutation } from '../model/mutation.ts'

/** Mutations that are shown and not durable yet, by the write that they are of. */
export class Unconfirmed {
  readonly #writes = new Set<readonly Mutation[]>()
  /** Made when somebody asks. */
  #ids: ReadonlySet<string> | null = null

  get isEmpty(): boolean {
    return this.#writes.size === 0
  }

  add(write: readonly Mutation[]): void {
    this.#writes.add(write)
    this.#ids = null
  }

  delete(write: readonly Mutation[]): void {
    this.#writes.delete(write)
    this.#ids = null
  }

  has(mutationId: string): boolean {
    if (this.isEmpty) return false
    this.#ids ??= new Set(Array.from(this.mutations(), ({ id }) => id))
    return this.#ids.has(mutationId)
  }

  *mutations(): Iterable<Mutation> {
    for (const write of this.#writes) yield* write
  }
}
