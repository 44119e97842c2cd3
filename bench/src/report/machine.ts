import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import process from 'node:process'
import type { Entrant } from '../contestants.ts'
import type { Machine } from './result.ts'

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown processor',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    os: `${type()} ${release()}`,
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  }
}

/** As pinned in the bench's own package.json. */
export function versionsOf(entrants: readonly Entrant[]): Record<string, string> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> }
  return Object.fromEntries(
    entrants.flatMap(({ packages }) => packages.map((name) => [name, dependencies[name] ?? ''])),
  )
}
