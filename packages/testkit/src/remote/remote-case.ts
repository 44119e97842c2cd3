import type { Document, RemoteCapabilities, RemoteStore } from '@holdfast/core'
import { asFailure } from '../suite/check.ts'
import { type Requirement, unmetOf } from '../suite/requirements.ts'
import type { ConformanceCase } from '../suite/run-suite.ts'
import { Client } from './client.ts'
import { Maker } from './maker.ts'

export interface RemoteClientOptions {
  /** A lower-case UUID. Every case uses spaces of its own. */
  readonly space: string
  /** 16 hex digits. */
  readonly replica: string
}

/**
 * How the suite gets remotes. The collections `notes` and `tasks` hold documents of the shape
 * `{ id, title?, body?, count?, done?, tags?, meta? }`: text, text, number, boolean, list of text,
 * any JSON object. Ids are lower-case UUIDs, but for the cases `id-fidelity`.
 */
export interface RemoteHarness {
  /** What the remotes declare: it decides which cases run, and one case demands that a remote says the same. */
  readonly capabilities: RemoteCapabilities
  /** A new client of the remote. Several clients of one space see the same documents. */
  open(options: RemoteClientOptions): Promise<RemoteStore>
  /** Another program writes the document, or deletes it, around the protocol. */
  readonly foreign?: {
    write(space: string, collection: string, value: Document): Promise<void>
    delete(space: string, collection: string, id: string): Promise<void>
  }
  /** Ends the epoch, as a restored backup does. The documents stay as they are. */
  endEpoch?(space: string): Promise<void>
  /** Releases what the harness holds for the space. */
  dispose?(space: string): Promise<void>
}

/** A larger limit is one that a test would take too long to reach. */
const REACHABLE_BYTES = 16 * 1024 * 1024

/** What cases require: of the capabilities, and of the optional members of a harness. */
const CONDITIONS = {
  pokes: ({ capabilities }: RemoteHarness) => capabilities.pokes,
  batches: ({ capabilities }: RemoteHarness) => capabilities.maxBatch >= 2,
  /** Groups of three, beside one mutation more in the same push. */
  atomicGroups: ({ capabilities }: RemoteHarness) =>
    capabilities.atomicGroups >= 3 && capabilities.maxBatch >= 4,
  'reachable maxDocumentBytes': ({ capabilities }: RemoteHarness) =>
    capabilities.maxDocumentBytes <= REACHABLE_BYTES,
  'reachable maxBatchBytes': ({ capabilities }: RemoteHarness) =>
    capabilities.maxBatchBytes <= REACHABLE_BYTES,
  foreign: ({ foreign }: RemoteHarness) => foreign !== undefined,
  endEpoch: ({ endEpoch }: RemoteHarness) => endEpoch !== undefined,
}

export type RemoteRequirement = Requirement<keyof typeof CONDITIONS>

/** What one case works with. */
export interface RemoteTest {
  readonly make: Maker
  readonly harness: RemoteHarness
  /** The id of the case's space, or of another one by label. */
  space(label?: string): string
  /** A client with a replica id of its own. */
  client(options?: { readonly space?: string; readonly replica?: string }): Promise<Client>
}

export interface RemoteCase {
  readonly id: string
  readonly title: string
  /** Without which the case is left out. */
  readonly requires?: readonly RemoteRequirement[]
  readonly run: (test: RemoteTest) => Promise<void>
}

export function unmetRemotely({ requires }: RemoteCase, harness: RemoteHarness): string[] {
  return unmetOf(requires, { conditions: CONDITIONS, harness })
}

export function bindRemoteCase(
  { id, title, requires = [], run }: RemoteCase,
  harness: RemoteHarness,
): ConformanceCase {
  return {
    id,
    title,
    requires,
    async run() {
      const make = new Maker()
      const spaces = new Map<string, string>()
      const stores: RemoteStore[] = []
      const space = (label = 'main') => {
        const found = spaces.get(label) ?? make.uuid()
        spaces.set(label, found)
        return found
      }
      try {
        await run({
          make,
          harness,
          space,
          async client({ space: label, replica = make.hex(16) } = {}) {
            const store = await harness.open({ space: space(label), replica })
            stores.push(store)
            return new Client(store, { replica, make })
          },
        })
      } catch (error) {
        throw asFailure(title, error)
      } finally {
        await Promise.allSettled(stores.map((store) => store.close?.()))
        await Promise.allSettled([...spaces.values()].map((name) => harness.dispose?.(name)))
      }
    },
  }
}
