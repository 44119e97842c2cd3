import { supabaseMigration } from '@holdfast/adapter-supabase/install'
import { startSupabase } from '@holdfast/dev-backends'
import pg from 'pg'
import type { Place } from '../places.ts'
import type { Backend } from './backend.ts'

const USER = '11111111-1111-4111-8111-111111111111'

/** The application's own table, with typed columns and row level security. */
const TABLE = `
create table places (
  id text primary key,
  geoname integer not null,
  name text not null,
  country text not null,
  population integer not null check (population >= 0),
  lat double precision not null,
  lon double precision not null,
  tags text[],
  note text,
  owner uuid not null default auth.uid()
);
alter table places enable row level security;
create policy own on places to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
`

/** Plain PostgreSQL: records each version that a row ever had. */
const AUDIT = `
create table audit (op text, id text, rev text);
create function audit() returns trigger language plpgsql security definer as $$
begin
  insert into audit values (tg_op, new.id, new._rev);
  return null;
end $$;
create trigger audit after insert or update on places for each row execute function audit();
`

const DOUBLED = `
select id, count(*)::int as times, min(op) as op from audit group by id, rev having count(*) > 1
union all
select min(id), count(*)::int, 'same place' from places group by geoname having count(*) > 1
`

export async function startSupabaseBackend(): Promise<Backend> {
  const migration = supabaseMigration({ tables: [{ name: 'places', omit: ['owner'] }] })
  const server = await startSupabase({ sql: TABLE + migration + AUDIT })
  const pool = new pg.Pool({ connectionString: server.databaseUrl, max: 2 })
  // The server is ended while connections idle in the pool.
  pool.on('error', () => undefined)
  return {
    name: 'supabase',
    title: 'Supabase (PostgreSQL, PostgREST)',
    end: {
      url: server.url,
      path: (path) => path.replace(/^\/rest\/v1/, ''),
      isPush: ({ url = '' }) => url.includes('/rpc/holdfast_push'),
    },
    access: (url) => ({ kind: 'supabase', url, token: server.token(USER), space: USER }),
    read: async () => {
      const { rows } = await pool.query(
        'select id, geoname, name, country, population, lat, lon, tags, note from places order by id',
      )
      return rows.map(placeOf)
    },
    doubledWrites: async () => {
      const { rows } = await pool.query<{ id: string; times: number; op: string }>(DOUBLED)
      return rows.map(({ id, times, op }) => `${id}: ${op}, ${times} times`)
    },
    sql: async (text, values = []) => (await pool.query(text, [...values])).rowCount ?? 0,
    tamper: async (id) => {
      await pool.query(
        `begin; set local session_replication_role = replica;
         update places set note = 'tampered with' where id = '${id}'; commit`,
      )
    },
    stop: async () => {
      await pool.end()
      await server.stop()
    },
  }
}

/** The owner for rows that another program inserts. */
export const OWNER = USER

function placeOf(row: Place & Record<'tags' | 'note', unknown>): Place {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Place
}
