import type { Origin, PullPage, PullRequest, PushAnswer, PushRequest } from '../contracts/remote-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Document, LocatedVersion } from '../model/document.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { systemRuntime } from '../runtime/system-runtime.ts'
import { FaultBoard, type RemoteCall, type ServerFaults } from './server-faults.ts'
import { readPage } from './server-feed.ts'
import { ServerSpace, type SpaceImage } from './server-space.ts'

export interface MemoryServerOptions {
  /** Clock and randomness of the server; the system's unless given. */
  readonly runtime?: Pick<Runtime, 'now' | 'randomHex'>
  readonly maxDocumentBytes?: number
  readonly maxBatch?: number
}

export interface InSpace {
  /** `default` unless given. */
  readonly space?: string
}

/** A write by another program that has its place in the feed and is not committed yet. */
export interface OpenWrite {
  write(collection: string, value: Document): LocatedVersion
  delete(collection: string, id: string): LocatedVersion
  commit(): void
  rollback(): void
}

/** The server side of `memoryRemote`: spaces, other programs that write to them, and levers for faults. */
export interface MemoryServer {
  readonly faults: ServerFaults
  /** Another program writes a document; stamped by the server. */
  write(collection: string, value: Document, options?: InSpace): LocatedVersion
  /** Another program deletes a document; stamped by the server. */
  delete(collection: string, id: string, options?: InSpace): LocatedVersion
  /** Begins a write that commits later: until then the feed stops before it. */
  begin(options?: InSpace): OpenWrite
  /** What stands, tombstones too; undefined: nothing. */
  read(collection: string, id: string, options?: InSpace): LocatedVersion | undefined
  /** Every version that the feed shows, in its order: it stops before an open write. */
  versions(options?: InSpace): LocatedVersion[]
  /** Forgets tombstones: clients that have not seen them yet start over. */
  forgetTombstones(options?: InSpace): void
  /** A backup of every space. */
  backup(): MemoryServerBackup
  /** Rewinds history to a backup, or to nothing: a new epoch. */
  restore(backup?: MemoryServerBackup): void
  /** Calls every subscriber, as a spurious poke does. */
  poke(options?: InSpace): void
}

export type MemoryServerBackup = ReadonlyMap<string, SpaceImage>

/** The server as `memoryRemote` uses it. */
export interface ServerBackend extends MemoryServer {
  readonly board: FaultBoard
  readonly limits: { readonly maxDocumentBytes: number; readonly maxBatch: number }
  pull(space: string, request: PullRequest): PullPage
  push(space: string, request: PushRequest): PushAnswer
  subscribe(space: string, poke: () => void): () => void
}

export type { RemoteCall }

const MAX_DOCUMENT_BYTES = 1024 * 1024
const MAX_BATCH = 1_000

/** A server for `memoryRemote({ server })`. It is gone with the process. */
export function createMemoryServer(options: MemoryServerOptions = {}): MemoryServer {
  const runtime = options.runtime ?? systemRuntime()
  const { maxDocumentBytes = MAX_DOCUMENT_BYTES, maxBatch = MAX_BATCH } = options
  const board = new FaultBoard()
  const spaces = new Map<string, ServerSpace>()
  const pokes = new Map<string, Set<() => void>>()
  const remote = `memory-${runtime.randomHex(16)}`
  let epoch = runtime.randomHex(16)

  function spaceOf(name = 'default'): ServerSpace {
    const space =
      spaces.get(name) ??
      new ServerSpace({
        now: () => runtime.now(),
        randomHex: (digits) => runtime.randomHex(digits),
        maxDocumentBytes,
        reject(mutation) {
          const reason = board.judge?.(mutation) ?? null
          return reason === null ? null : { kind: 'rejected', ...reason }
        },
        change: (value, mutation) => board.change?.(value, mutation) ?? value,
      })
    spaces.set(name, space)
    return space
  }

  /** Pokes come in a later turn, as they do over a network. */
  function poke(name = 'default'): void {
    for (const subscriber of pokes.get(name) ?? []) void Promise.resolve().then(subscriber)
  }

  const origin = (): Origin => ({ remote, epoch })

  const server: ServerBackend = {
    board,
    faults: board,
    limits: { maxDocumentBytes, maxBatch },
    write(collection, value, { space } = {}) {
      const version = spaceOf(space).write(collection, value.id, value)
      poke(space)
      return version
    },
    delete(collection, id, { space } = {}) {
      const version = spaceOf(space).write(collection, id, null)
      poke(space)
      return version
    },
    begin({ space } = {}) {
      const writer = spaceOf(space).begin()
      return {
        write: (collection, value) => writer.write(collection, value.id, value),
        delete: (collection, id) => writer.write(collection, id, null),
        commit() {
          writer.commit()
          poke(space)
        },
        rollback: writer.rollback,
      }
    },
    read: (collection, id, { space } = {}) => spaceOf(space).get(collection, id),
    versions: ({ space } = {}) => spaceOf(space).feed(),
    forgetTombstones: ({ space } = {}) => spaceOf(space).forgetTombstones(),
    backup: () => new Map([...spaces].map(([name, space]) => [name, space.image()])),
    restore(backup = new Map()) {
      epoch = runtime.randomHex(16)
      for (const name of new Set([...spaces.keys(), ...backup.keys()])) {
        spaceOf(name).restore(backup.get(name) ?? { documents: new Map(), seq: 0, floor: 0, forgotten: '' })
      }
    },
    poke: ({ space } = {}) => poke(space),
    pull: (name, request) => readPage(spaceOf(name), request, origin()),
    push(name, { mutations, replica }) {
      if (mutations.length > maxBatch) {
        throw new HoldfastError(
          'protocol',
          `A push holds ${mutations.length} mutations and the limit is ${maxBatch}. Nothing was changed. Send fewer at once.`,
        )
      }
      const outcomes = spaceOf(name).push(mutations, replica)
      if (outcomes.some(({ kind }) => kind === 'applied')) poke(name)
      return { outcomes }
    },
    subscribe(name, subscriber) {
      const subscribers = pokes.get(name) ?? new Set()
      pokes.set(name, subscribers)
      subscribers.add(subscriber)
      return () => subscribers.delete(subscriber)
    },
  }
  return server
}
