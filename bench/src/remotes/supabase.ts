import { createClient } from '@supabase/supabase-js'
import { runSql, startSupabase } from '../../../dev/backends/src/supabase.ts'
import { supabase } from '../../../packages/adapter-supabase/src/index.ts'
import { supabaseMigration } from '../../../packages/adapter-supabase/src/install.ts'
import { type Contact, digestOf } from '../contacts.ts'
import { nextStamp, pullAlone, pushAlone } from './alone.ts'
import type { RemoteLane } from './lane.ts'

const USER = '11111111-1111-4111-8111-111111111111'
/** The row cap of a hosted project. */
const PAGE = 1000

const table = (name: string) => `
create table ${name} (
  id text primary key, name text not null, email text not null, phone text not null, tag text not null,
  company text not null, note text not null, version integer not null
);
alter table ${name} enable row level security;
create policy everyone on ${name} to authenticated using (true) with check (true);
`

/** Rows go to `stamped` by the bare client, and meet there what they meet in `contacts`. */
const TABLES = ['contacts', 'bare', 'stamped']

export async function supabaseLane(): Promise<RemoteLane> {
  const sql = TABLES.map(table).join('') + supabaseMigration({ tables: ['contacts', 'stamped'] })
  const server = await startSupabase({ sql, maxRows: PAGE })
  let requests = 0
  const counted: typeof fetch = (input, init) => {
    requests++
    return server.fetch(input, init)
  }
  const client = createClient(server.url, server.token(USER), {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: counted },
  })
  const readAll = async (from: string): Promise<Contact[]> => {
    const found: Contact[] = []
    for (;;) {
      const after = found.at(-1)?.id ?? ''
      const columns = 'id,name,email,phone,tag,company,note,version'
      const { data, error } = await client.from(from).select(columns).gt('id', after).order('id').limit(PAGE)
      if (error) throw new Error(error.message)
      found.push(...(data as unknown as Contact[]))
      if (data.length < PAGE) return found
    }
  }
  const insertAll = async (into: string, rows: readonly object[]) => {
    for (let from = 0; from < rows.length; from += PAGE) {
      const { error } = await client.from(into).insert(rows.slice(from, from + PAGE))
      if (error) throw new Error(error.message)
    }
  }
  return {
    name: 'supabase-js + PostgREST',
    bareBatches: `selects by key of ${PAGE} rows (the row cap as hosted), inserts of ${PAGE} rows into a table without triggers`,
    async seed(contacts) {
      for (const name of ['contacts', 'bare']) {
        const rows = `select * from jsonb_to_recordset($seed$${JSON.stringify(contacts)}$seed$::jsonb)
          as row(id text, name text, email text, phone text, tag text, company text, note text, version integer)`
        await runSql(server.databaseUrl, `insert into ${name} ${rows}; analyze ${name}`)
      }
    },
    remote: () => supabase({ client, space: USER }),
    takeRequests() {
      const seen = requests
      requests = 0
      return seen
    },
    barePull: () => readAll('bare'),
    barePush: (contacts) => insertAll('bare', contacts),
    reads: [
      { name: 'the remote alone, without the engine', run: () => pullAlone(supabase({ client })) },
      { name: 'bare client, from the synced table', run: () => readAll('contacts') },
    ],
    writes: [
      {
        name: 'the remote alone, without the engine',
        isSynced: true,
        run: (contacts) => pushAlone(supabase({ client }), contacts),
      },
      {
        name: 'bare client, into a synced table (four more columns, an index and the stamping trigger)',
        isSynced: false,
        run: (contacts) =>
          insertAll(
            'stamped',
            contacts.map((contact) => {
              const { rev, hlc } = nextStamp()
              return { ...contact, _rev: `>${rev}`, _hlc: hlc }
            }),
          ),
      },
    ],
    stored: async () => digestOf(await readAll('contacts')),
    bareStored: async () => digestOf(await readAll('bare')),
    stop: () => server.stop(),
  }
}
