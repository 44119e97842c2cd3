import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  formatHlc,
  type PullPage,
  type PullRequest,
  type PushMutation,
  type RemoteStore,
} from '@holdfast/core'
import { startDynamoDb } from '@holdfast/dev-backends'
import { type DynamoDbOptions, dynamoDb, installDynamoDb } from '../src/index.ts'

let tables = 0

/** A client of a compatible engine; it takes any credentials. */
export function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    maxAttempts: 2,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
}

/** An engine of its own with a table that is installed. */
export async function startTable() {
  const server = await startDynamoDb()
  const client = clientOf(server.endpoint)
  const tableName = `holdfast-${++tables}`
  await installDynamoDb(client, { tableName })
  return {
    client,
    tableName,
    endpoint: server.endpoint,
    open: (options: Partial<DynamoDbOptions> = {}): RemoteStore =>
      dynamoDb({ client, tableName, space: 'space', ...options }),
    async stop() {
      client.destroy()
      await server.stop()
    },
  }
}

export const signal = new AbortController().signal
export const REPLICA = 'a'.repeat(16)
export const OTHER = 'b'.repeat(16)

let clock = 1_700_000_000_000
let ids = 0

/** A mutation with a fresh id and a later timestamp than every one before. */
export function mutation(
  documentId: string,
  options: Partial<PushMutation> & { replica?: string } = {},
): PushMutation {
  const { replica = REPLICA, ...rest } = options
  clock += 1
  ids += 1
  return {
    id: `m${String(ids).padStart(8, '0')}`,
    hlc: formatHlc({ wall: clock, counter: 0, replica }),
    collection: 'notes',
    documentId,
    base: null,
    value: { id: documentId, text: `version ${ids}` },
    ...rest,
  }
}

export const push = (remote: RemoteStore, ...mutations: PushMutation[]) =>
  remote.push({ mutations, replica: REPLICA, signal }).then(({ outcomes }) => outcomes)

/** What one replica knows after following the feed: the latest version of each document, and where it stands. */
export class Follower {
  readonly versions = new Map<string, { rev: string; hlc: string; value: unknown }>()
  readonly resets: string[] = []
  pages: PullPage[] = []
  #checkpoints: Record<string, string | null>
  #origin: PullRequest['origin'] = null
  readonly #remote: RemoteStore

  constructor(remote: RemoteStore, collections: readonly string[] = ['notes']) {
    this.#remote = remote
    this.#checkpoints = Object.fromEntries(collections.map((name) => [name, null]))
  }

  /** Pulls until the remote says that there is no more. */
  async catchUp({ limit = 500, replica = OTHER }: { limit?: number; replica?: string } = {}): Promise<void> {
    this.pages = []
    for (;;) {
      const page = await this.#remote.pull({
        checkpoints: this.#checkpoints,
        origin: this.#origin,
        limit,
        replica,
        signal,
      })
      this.pages.push(page)
      for (const collection of page.reset ?? []) {
        this.resets.push(collection)
        for (const key of this.versions.keys())
          if (key.startsWith(`${collection}/`)) this.versions.delete(key)
      }
      for (const { collection, id, rev, hlc, value } of page.changes) {
        // What comes last is what stands.
        this.versions.set(`${collection}/${id}`, { rev, hlc, value })
      }
      this.#checkpoints = { ...this.#checkpoints, ...page.checkpoints }
      this.#origin = page.origin
      if (!page.hasMore) return
    }
  }

  /** Revision of each document, for comparison with what was pushed. */
  revisions(): Record<string, string> {
    return Object.fromEntries([...this.versions].sort().map(([key, { rev }]) => [key, rev]))
  }
}
