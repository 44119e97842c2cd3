import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { installDynamoDb } from '@holdfast/adapter-dynamodb'
import { supabaseMigration } from '@holdfast/adapter-supabase/install'
import { startDynamoDb, startSupabase } from '@holdfast/dev-backends'
import type { Backends } from './remotes.ts'

const TABLE = 'matrix'

const SCHEMA = `
create table tasks (
  id text primary key,
  title text not null,
  done boolean not null,
  rank int,
  tags text[],
  owner uuid not null default auth.uid()
);
alter table tasks enable row level security;
create policy own on tasks to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
`

export interface RunningBackends {
  /** One user for each pair of the matrix, so that no two of them share documents. */
  of(pair: number): Backends
  stop(): Promise<void>
}

/** Real PostgreSQL with PostgREST and the DynamoDB engine, behind servers that a page of any origin may call. */
export async function startBackends(): Promise<RunningBackends> {
  const supabase = await startSupabase({ sql: SCHEMA + supabaseMigration({ tables: ['tasks'] }) })
  const engine = await startDynamoDb()
  const fronts = await Promise.all([openToPages(supabase.url), openToPages(engine.endpoint)])
  const [api, dynamo] = fronts
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  await installDynamoDb(client, { tableName: TABLE })
  client.destroy()
  return {
    of: (pair) => ({
      supabase: {
        url: api.url,
        token: supabase.token(`00000000-0000-4000-8000-${String(pair).padStart(12, '0')}`),
      },
      dynamoDb: { endpoint: dynamo.url, tableName: TABLE },
    }),
    async stop() {
      for (const front of fronts) await front.stop()
      await engine.stop()
      await supabase.stop()
    },
  }
}

/** Passes requests on, with the headers that let a page of another origin make them. */
async function openToPages(target: string): Promise<{ url: string; stop(): Promise<void> }> {
  const server: Server = createServer((incoming, outgoing) => {
    const open = {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': '*',
      'access-control-allow-headers': incoming.headers['access-control-request-headers'] ?? '*',
      'access-control-expose-headers': '*',
    }
    if (incoming.method === 'OPTIONS') {
      outgoing.writeHead(204, open).end()
      return
    }
    const { host: _host, origin: _origin, ...headers } = incoming.headers
    const passed = request(
      new URL(incoming.url ?? '/', target),
      { method: incoming.method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...open })
        answer.pipe(outgoing)
      },
    )
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
