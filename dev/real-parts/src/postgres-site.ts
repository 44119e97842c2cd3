import { supabase } from '@holdfast/adapter-supabase'
import { supabaseMigration } from '@holdfast/adapter-supabase/install'
import { startPostgres, startSupabase } from '@holdfast/dev-backends'
import { createClient } from '@supabase/supabase-js'
import pg from 'pg'
import { COLLECTIONS, type ForeignAct, type Note, type PastVersion, type Site } from './site.ts'
import { CLIENT_HEADER } from './weather.ts'

const TABLES = COLLECTIONS.map(
  (name) => `
create table ${name} (
  id text primary key, text text, body text, n int check (n >= 0),
  owner uuid not null default auth.uid()
);
alter table ${name} enable row level security;
create policy own on ${name} to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
`,
).join('')

/** Notes each version of each row and each tombstone; a row that was not stamped anew made none. */
const AUDIT = `
create table audit (collection text, id text, rev text, hlc text, seq bigint, value jsonb);
create function audit() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and new._seq = old._seq then return null; end if;
  insert into public.audit values (tg_table_name, new.id, new._rev, new._hlc, new._seq,
    case when tg_table_schema = 'public' then pg_catalog.to_jsonb(new) end);
  return null;
end $$;
${COLLECTIONS.flatMap((name) =>
  ['public', 'holdfast_public'].map(
    (schema) => `create trigger audit after insert or update on ${schema}.${name}
  for each row execute function audit();`,
  ),
).join('\n')}
`

/** PostgreSQL behind PostgREST, one user for each seed. */
export async function startPostgresSites() {
  const postgres = await startPostgres({ settings: ['deadlock_timeout=50ms', 'max_connections=60'] })
  const tables = COLLECTIONS.map((name) => ({ name, omit: ['owner'] }))
  const server = await startSupabase({ postgres, sql: TABLES + supabaseMigration({ tables }) + AUDIT })
  const pool = new pg.Pool({ connectionString: server.databaseUrl, max: 10 })
  // A connection that rests is cut when the server stops; queries report their own failures.
  pool.on('error', () => undefined)

  function siteOf(seed: number): Site {
    const owner = `00000000-0000-4000-8000-${String(seed).padStart(12, '0')}`
    const token = server.token(owner)
    const prefix = `${seed}-`
    return {
      prefix,
      target: server.url,
      poison: { fields: { n: -1 }, reason: 'check' },
      remote(client, url) {
        const api = createClient(url, token, {
          global: {
            headers: { [CLIENT_HEADER]: String(client) },
            fetch: (input, init) => fetch(String(input).replace('/rest/v1/', '/'), init),
          },
          auth: { persistSession: false, autoRefreshToken: false },
        })
        return {
          remote: supabase({ client: { rpc: (fn, args) => api.rpc(fn, args) }, space: owner }),
          close: () => undefined,
        }
      },
      async history() {
        const { rows } = await pool.query<PastVersion>(
          'select collection, id, rev, hlc, value from audit where id like $1 order by seq',
          [`${prefix}%`],
        )
        return rows.map((row) => ({ ...row, value: row.value && noteOf(row.value as Note) }))
      },
      async documents() {
        const of = async (name: string) => {
          const { rows } = await pool.query<Note>(`select * from ${name} where owner = $1`, [owner])
          return rows.map(noteOf)
        }
        return { notes: await of('notes'), tasks: await of('tasks') }
      },
      foreign: (act) => foreign(pool, act, owner),
    }
  }
  return {
    siteOf,
    async stop() {
      await pool.end()
      await server.stop()
    },
  }
}

function noteOf({ id, text, body, n }: { [K in keyof Note]: Note[K] | null }): Note {
  const fields = Object.entries({ text, body, n }).filter(
    ([, value]) => value !== null && value !== undefined,
  )
  return { id, ...Object.fromEntries(fields) } as Note
}

/** One transaction; one that loses a deadlock is done again. */
async function foreign(pool: pg.Pool, act: ForeignAct, owner: string): Promise<void> {
  const client = await pool.connect()
  try {
    for (;;) {
      try {
        await client.query('begin')
        for (const [sql, values] of statementsOf(act, owner)) await client.query(sql, values)
        await client.query('commit')
        return
      } catch (error) {
        await client.query('rollback')
        if ((error as { code?: string }).code !== '40P01') throw error
      }
    }
  } finally {
    client.release()
  }
}

function statementsOf(act: ForeignAct, owner: string): [sql: string, values: unknown[]][] {
  if (act.kind === 'delete') return [[`delete from ${act.collection} where id = $1`, [act.id]]]
  return act.documents.map(([name, { id, text = null, body = null, n = null }]) => [
    act.kind === 'update'
      ? `update ${name} set text = coalesce($2, text), body = coalesce($3, body), n = coalesce($4, n) where id = $1 and owner = $5`
      : `insert into ${name} (id, text, body, n, owner) values ($1, $2, $3, $4, $5)
         on conflict (id) do update set text = excluded.text, body = excluded.body, n = excluded.n`,
    [id, text, body, n, owner],
  ])
}
