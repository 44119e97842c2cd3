import type { CollectionName, Note } from './site.ts'

type Fields = Omit<Note, 'id'>

/** A write that a client or another program made, as it was meant. */
export interface Write {
  /** Its number, or `FOREIGN`. */
  readonly client: number
  readonly kind: 'put' | 'update' | 'delete'
  readonly collection: CollectionName
  readonly id: string
  readonly fields: Fields
  /** What the client saw just before, if anything. */
  readonly seen: Note | undefined
  /** ms since 1970, just before it was made. */
  readonly since: number
  /** The client was told that it is durable. */
  isAcknowledged: boolean
}

export const FOREIGN = 99

/** Everything that was written in one seed, each client's writes in their order. */
export class Book {
  readonly writes: Write[] = []
  /** The replicas that a client was, by client. */
  readonly clientByReplica = new Map<string, number>()
  #values = 0

  note(write: Omit<Write, 'since' | 'isAcknowledged'>): Write {
    const noted = { ...write, since: Date.now(), isAcknowledged: false }
    this.writes.push(noted)
    return noted
  }

  /** Fields with values that no other write has. */
  fields(client: number, which: readonly (keyof Fields)[]): Fields {
    const value = ++this.#values
    return Object.fromEntries(
      which.map((field) => [field, field === 'n' ? value : `${field} ${client}.${value}`]),
    )
  }
}
