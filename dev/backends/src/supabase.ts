import { createHmac } from 'node:crypto'
import pg from 'pg'
import { type Postgres, startPostgres } from './postgres.ts'
import { startPostgrest } from './postgrest.ts'

/** The database and API parts of Supabase: PostgreSQL and PostgREST with its roles. */
export interface Supabase {
  /** What `createClient` is given; use `fetch` with it, since no gateway serves `/rest/v1` here. */
  readonly url: string
  readonly fetch: typeof fetch
  /** Connection string of the superuser. */
  readonly databaseUrl: string
  /** A signed token for a user of the role `authenticated`. */
  token(userId: string, options?: { readonly expiresInS?: number; readonly role?: string }): string
  stop(): Promise<void>
}

const JWT_SECRET = 'holdfast-tests-only-0123456789abcdef'

const ROLES = `
do $$ begin
  if not exists (select from pg_roles where rolname = 'authenticator') then
    create role anon nologin;
    create role authenticated nologin;
    create role service_role nologin bypassrls;
    create role authenticator login noinherit;
    grant anon, authenticated, service_role to authenticator;
  end if;
end $$;
create schema if not exists auth;
grant usage on schema auth, public to anon, authenticated, service_role;
create or replace function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  )::uuid
$$;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
`

export interface SupabaseOptions {
  /** Run before PostgREST reads the schema: the application's tables and migrations. */
  readonly sql?: string
  /** PostgREST's row cap; 1,000 as hosted. */
  readonly maxRows?: number
  /** A server that is already there; `stop` ends it too. */
  readonly postgres?: Postgres
}

export async function startSupabase(options: SupabaseOptions = {}): Promise<Supabase> {
  const postgres = options.postgres ?? (await startPostgres())
  try {
    await runSql(postgres.url, ROLES + (options.sql ?? ''))
    const authenticator = new URL(postgres.url)
    authenticator.username = 'authenticator'
    authenticator.password = ''
    const api = await startPostgrest({
      databaseUrl: authenticator.href,
      schemas: ['public'],
      jwtSecret: JWT_SECRET,
      maxRows: options.maxRows ?? 1000,
    })
    return {
      url: api.url,
      fetch: (input, init) => fetch(String(input).replace('/rest/v1/', '/'), init),
      databaseUrl: postgres.url,
      token: (userId, { expiresInS = 3600, role = 'authenticated' } = {}) =>
        sign({ sub: userId, role, exp: Math.floor(Date.now() / 1000) + expiresInS }),
      stop: async () => {
        await api.stop()
        await postgres.stop()
      },
    }
  } catch (error) {
    await postgres.stop()
    throw error
  }
}

/** Runs a script of SQL statements as the user of `url`. */
export async function runSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  // A connection that is cut fails the query, which tells; the event alone would end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function sign(claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${head}.${createHmac('sha256', JWT_SECRET).update(head).digest('base64url')}`
}
