import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import pg from 'pg'
import { expect, test } from 'vitest'
import { startSupabase } from './supabase.ts'

test('serves a table to its user, and ends with its owner', async () => {
  const supabase = await startSupabase({
    sql: 'create table notes (id text primary key, owner uuid default auth.uid());',
  })
  try {
    const user = '11111111-1111-4111-8111-111111111111'
    const headers = {
      authorization: `Bearer ${supabase.token(user)}`,
      'content-type': 'application/json',
      prefer: 'return=representation',
    }
    const made = await supabase.fetch(`${supabase.url}/rest/v1/notes`, {
      method: 'POST',
      headers,
      body: '{"id":"n1"}',
    })
    expect(await made.json()).toEqual([{ id: 'n1', owner: user }])
    const late = await supabase.fetch(`${supabase.url}/notes`, {
      headers: { authorization: `Bearer ${supabase.token(user, { expiresInS: -60 })}` },
    })
    expect(late.status).toBe(401)
  } finally {
    await supabase.stop()
  }
  await expect(new pg.Client({ connectionString: supabase.databaseUrl }).connect()).rejects.toThrow()
})

test('a server whose owner is killed ends by itself and takes its folder along', async () => {
  const script = `
    const { startPostgres } = await import(${JSON.stringify(new URL('./postgres.ts', import.meta.url).href)})
    const server = await startPostgres()
    const pg = (await import(${JSON.stringify(import.meta.resolve('pg'))})).default
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const { rows } = await client.query("select current_setting('data_directory') dir, pg_backend_pid() pid")
    console.log(JSON.stringify(rows[0]))
    setInterval(() => {}, 1000)`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve) =>
    owner.stdout.once('data', (chunk) => resolve(String(chunk))),
  )
  const { dir } = JSON.parse(line) as { dir: string }
  expect(existsSync(dir)).toBe(true)
  owner.kill('SIGKILL')
  await expect.poll(() => existsSync(dir), { timeout: 10_000 }).toBe(false)
})
