import { type RemoteHarness, remoteStoreCases, remoteStoreCasesLeftOut, runSuite } from '@holdfast/testkit'
import { afterAll, beforeAll, test } from 'vitest'
import { supabase } from '../src/index.ts'
import { ADA, openStage, type Stage } from './stage.ts'

const table = (name: string) => `
  create table ${name} (
    id text primary key,
    title text,
    body text,
    count float8,
    done boolean,
    tags text[],
    meta json,
    owner uuid not null default auth.uid()
  );
  alter table ${name} enable row level security;
  create policy own on ${name} to authenticated
    using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
`

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    sql: table('notes') + table('tasks'),
    tables: [
      { name: 'notes', omit: ['owner'] },
      { name: 'tasks', omit: ['owner'] },
    ],
  })
})
afterAll(() => stage.stop())

const notThere = () => {
  throw new Error('No request: the server is not there yet.')
}

const harness: RemoteHarness = {
  // No Realtime server runs here, so none is declared.
  capabilities: supabase({ client: { rpc: notThere }, space: ADA }).capabilities,
  // A space is a user: row level security keeps spaces apart.
  open: async ({ space }) => {
    const client = stage.clientOf(stage.supabase.token(space))
    return supabase({ client: { rpc: (fn, args) => client.rpc(fn, args) }, space })
  },
  foreign: {
    write: async (space, collection, value) => {
      const columns = ['title', 'body', 'count', 'done', 'tags', 'meta'].map(
        (name) => `${name} = excluded.${name}`,
      )
      await stage.query(
        `insert into ${collection} select (json_populate_record(null::${collection}, $1)).*
         on conflict (id) do update set ${columns}`,
        [JSON.stringify({ ...value, owner: space, _rev: '', _hlc: '', _recent: [], _seq: 0 })],
      )
    },
    delete: async (_space, collection, id) => {
      await stage.query(`delete from ${collection} where id = $1`, [id])
    },
  },
  endEpoch: async () => {
    await stage.query('select holdfast.new_epoch()')
  },
}

runSuite(remoteStoreCases(harness), { runner: { test } })

test('facts for the report', async ({ task }) => {
  const { capabilities } = harness
  const [version] = await stage.query<{ server_version: string }>('show server_version')
  const answer = await stage.supabase.fetch(`${stage.supabase.url}/rest/v1/`)
  Object.assign(task.meta, {
    conformance: {
      title: '`supabase`',
      on: `PostgreSQL ${version?.server_version}, ${answer.headers.get('server')}`,
      leftOut: remoteStoreCasesLeftOut(harness),
      capabilities,
    },
  })
})
