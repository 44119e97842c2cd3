import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const FEW = ['--places', '60']

/** Everything the demo puts on disk goes here, so that what is left of it can be seen. */
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'places-test-'))
  // PostgreSQL runs as another user when this one is root.
  await chmod(folder, 0o755)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function startDemo(args: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, TMPDIR: folder, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: the demo and all that it starts.
    detached: true,
  })
  let said = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      for (const look of listeners) look()
    })
  }
  return {
    child,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, said })),
    hears: (text: string) =>
      new Promise<void>((heard) => {
        const look = () => {
          if (said.includes(text)) heard()
        }
        listeners.add(look)
        look()
      }),
  }
}

/** Processes of the group, by name; without those that have ended and wait for init to take note. */
async function groupOf(pid: number | undefined): Promise<string[]> {
  const stats = (await readdir('/proc'))
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => ''))
  return (await Promise.all(stats)).flatMap((stat) => {
    const [, name = '', state, group] = /^\d+ \((.*)\) (\S) \d+ (\d+)/.exec(stat) ?? []
    return Number(group) === pid && state !== 'Z' ? [name] : []
  })
}

/** The demo's own folders and the servers', apart from copies of programs that serve every run. */
async function left(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^holdfast-(places|pg-[A-Za-z0-9]{6}$)/.test(name))
}

test('all steps agree on both backends, and nothing is left behind', async () => {
  const demo = startDemo(FEW)
  const { code, said } = await demo.ended
  expect(said).toContain('All agree.')
  expect(code).toBe(0)
  expect(said).toContain('GeoNames (https://www.geonames.org), licensed under CC BY 4.0')
  expect(said.match(/24 conflicts settled/g)).toHaveLength(4)
  for (const why of ['newer', 'delete wins', 'deleted on both sides', 'the same on both']) {
    expect(said).toContain(why)
  }
  for (const seen of [
    '1 inserted, 1 deleted on both devices',
    '0 lost, 0 twice',
    'memory, sqlite, localStorage',
  ]) {
    expect(said).toContain(seen)
  }
  await expect.poll(() => groupOf(demo.child.pid), { timeout: 10_000 }).toEqual([])
  expect(await left()).toEqual([])
})

test.each(['supabase', 'dynamodb'])('a document changed unseen on %s is found and named', async (backend) => {
  const { code, said } = await startDemo([...FEW, '--only', backend, '--tamper']).ended
  expect(said).toMatch(/gn-\d+\.note is "edited on localStorage" on device A and "tampered with" on server/)
  expect(said).not.toContain('All agree.')
  expect(code).toBe(1)
  expect(await left()).toEqual([])
})

test('an interrupt in the middle ends all that was started', async () => {
  const demo = startDemo([...FEW, '--only', 'supabase'])
  await demo.hears('1 of 3 processes')
  // A terminal and a program in between may both pass it on.
  demo.child.kill('SIGINT')
  setTimeout(() => demo.child.kill('SIGINT'), 5)
  const { code } = await demo.ended
  expect(code).toBe(130)
  await expect.poll(() => groupOf(demo.child.pid), { timeout: 10_000 }).toEqual([])
  expect(await left()).toEqual([])
})

test.each([
  ['--places', '7'],
  ['--places', 'many'],
  ['--only', 'oracle'],
])('%s %s is refused before anything is started', async (...args) => {
  const { code, said } = await startDemo(args).ended
  expect(code).toBe(1)
  expect(said).toMatch(/whole number from 50|none of supabase, dynamodb/)
  expect(await readdir(folder)).toEqual([])
})
