import type { Document, PullPage, PushMutation, PushOutcome, RemoteStore } from '@holdfast/core'
import { runSql, type Supabase, startSupabase } from '@holdfast/dev-backends'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import pg from 'pg'
import { supabase } from '../src/index.ts'
import { type MigrationOptions, supabaseMigration } from '../src/install.ts'

export const ADA = '11111111-1111-4111-8111-111111111111'
export const BOB = '22222222-2222-4222-8222-222222222222'
export const REPLICA = 'aaaaaaaaaaaaaaaa'

/** Contacts that belong to a user, orders that belong to contacts. */
export const CRM = `
create table contacts (
  id text primary key,
  name text not null,
  email text unique,
  age int check (age >= 0),
  visits int8,
  tags text[],
  meta jsonb,
  owner uuid not null default auth.uid()
);
create table orders (
  id uuid primary key,
  contact text not null references contacts on delete cascade,
  total numeric(10,2) default 0
);
alter table contacts enable row level security;
create policy own on contacts to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
`

export interface Stage {
  readonly supabase: Supabase
  /** A new connection as superuser. */
  connect(): Promise<pg.Client>
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>
  clientOf(token: string, options?: { fetch?: typeof fetch }): SupabaseClient
  remoteOf(user: string, options?: { fetch?: typeof fetch; role?: string }): RemoteStore
  stop(): Promise<void>
}

export async function openStage(
  options: { sql?: string; tables?: MigrationOptions['tables']; maxRows?: number } = {},
): Promise<Stage> {
  const { sql = CRM, tables = ['contacts', 'orders'], maxRows = 1000 } = options
  const server = await startSupabase({ sql: sql + supabaseMigration({ tables }), maxRows })
  const connect = async () => {
    const client = new pg.Client({ connectionString: server.databaseUrl })
    // A connection that rests is cut when the server stops; queries report their own failures.
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const clientOf: Stage['clientOf'] = (token, { fetch = server.fetch } = {}) =>
    createClient(server.url, token, {
      global: { fetch },
      auth: { persistSession: false, autoRefreshToken: false },
    })
  return {
    supabase: server,
    connect,
    query: async (text, values) => {
      const client = await connect()
      try {
        return (await client.query(text, values)).rows
      } finally {
        await client.end()
      }
    },
    clientOf,
    remoteOf: (user, { fetch, role } = {}) =>
      supabase({
        client: clientOf(
          server.token(user, role === undefined ? {} : { role }),
          fetch === undefined ? {} : { fetch },
        ),
      }),
    stop: () => server.stop(),
  }
}

export { runSql }

let clock = 0

/** A timestamp of `replica`, greater than every one made before. */
export function nextHlc(replica = REPLICA): string {
  clock = Math.max(clock + 1, Date.now())
  return `${clock.toString(16).padStart(12, '0')}-0000-${replica}`
}

let mutationCount = 0

export function mutation(
  collection: string,
  documentId: string,
  parts: Partial<Omit<PushMutation, 'value'>> & { value?: object | null } = {},
): PushMutation {
  mutationCount += 1
  const { value = {}, ...rest } = parts
  return {
    id: `m${String(mutationCount).padStart(8, '0')}`,
    hlc: nextHlc(),
    collection,
    documentId,
    base: null,
    value: value === null ? null : ({ id: documentId, ...value } as Document),
    ...rest,
  }
}

export async function push(
  remote: RemoteStore,
  mutations: readonly PushMutation[],
): Promise<readonly PushOutcome[]> {
  const { outcomes } = await remote.push({ mutations, replica: REPLICA, signal: AbortSignal.timeout(30_000) })
  return outcomes
}

export async function pushOne(remote: RemoteStore, one: PushMutation): Promise<PushOutcome> {
  const [outcome] = await push(remote, [one])
  if (outcome === undefined) throw new Error('no outcome')
  return outcome
}

/** Pushes and demands that it took effect; returns the revision made. */
export async function applied(remote: RemoteStore, one: PushMutation): Promise<string> {
  const outcome = await pushOne(remote, one)
  if (outcome.kind !== 'applied') throw new Error(`not applied: ${JSON.stringify(outcome)}`)
  return outcome.rev
}

export function pullPage(
  remote: RemoteStore,
  checkpoints: Readonly<Record<string, string | null>>,
  options: { origin?: PullPage['origin'] | null; limit?: number; replica?: string } = {},
): Promise<PullPage> {
  const { origin = null, limit = 500, replica = 'ffffffffffffffff' } = options
  return remote.pull({ checkpoints, origin, limit, replica, signal: AbortSignal.timeout(30_000) })
}

/** A client that follows the feed of one collection. */
export interface Follower {
  /** Pulls to the end of the feed; returns what came, in order. */
  catchUp(): Promise<PullPage['changes'][number][]>
  /** What it has now, by id. */
  readonly documents: Map<string, PullPage['changes'][number]>
}

export function follow(remote: RemoteStore, collection: string, limit = 500): Follower {
  const documents = new Map<string, PullPage['changes'][number]>()
  let checkpoint: string | null = null
  let origin: PullPage['origin'] | null = null
  return {
    documents,
    catchUp: async () => {
      const came: PullPage['changes'][number][] = []
      for (let more = true; more; ) {
        const page: PullPage = await pullPage(remote, { [collection]: checkpoint }, { origin, limit })
        for (const change of page.changes) documents.set(change.id, change)
        came.push(...page.changes)
        checkpoint = page.checkpoints[collection] ?? checkpoint
        origin = page.origin
        more = page.hasMore
      }
      return came
    },
  }
}
