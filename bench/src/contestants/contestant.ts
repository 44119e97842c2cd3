import type { Contact } from '../contacts.ts'

/** What a contestant is told of the server: the same for all. */
export interface Link {
  /** Changes wanted in one page of a pull, and documents sent in one push, where the contestant has a choice. */
  readonly pageSize: number
  readonly pushSize: number
}

type Soon<T> = T | Promise<T>

/** One contestant with its database open. What resolves is durable, in the contestant's own usual mode. */
export interface Replica {
  /** One write, recorded for sync. */
  put(contact: Contact): Promise<void>
  /** Many new documents, recorded for sync, by the fastest way the contestant has. */
  putMany(contacts: readonly Contact[]): Promise<void>
  /** Follows the server's feed to its end; what it brought is queryable and durable. */
  pull(): Promise<void>
  /** Sends everything that is recorded until the server has acknowledged it. */
  push(): Promise<void>
  get(id: string): Soon<Contact | undefined>
  /** The 50 contacts that follow `name`, by name. */
  following(name: string): Soon<readonly Contact[]>
  /** The first 50 by name with this tag. */
  topOf(tag: string): Soon<readonly Contact[]>
  /** Tells the first 50 by name with this tag, now and after each change. */
  observe(tag: string, tell: (contacts: readonly Contact[]) => void): Promise<() => void>
  /** Documents whose changes the server has not acknowledged; null: it cannot tell. */
  pending(): Soon<number | null>
  all(): Soon<Iterable<Contact>>
  close(): Promise<void>
}

export interface Contestant {
  open(link: Link): Promise<Replica>
}
