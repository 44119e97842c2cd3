import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runSql, startPostgres } from '@holdfast/dev-backends'
import pg from 'pg'
import { expect, test } from 'vitest'
import { supabaseMigration } from '../src/install.ts'
import { copyInto } from './dump.ts'
import { ADA, applied, CRM, mutation, openStage, pullPage } from './stage.ts'

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('a database restored into another cluster is another epoch, with the same revisions', async () => {
  const [source, target] = [await openStage(), await openStage()]
  try {
    const rev = await applied(source.remoteOf(ADA), mutation('contacts', 'c1', { value: { name: 'Ada' } }))
    const before = await pullPage(source.remoteOf(ADA), { contacts: null })
    await copyInto(target, source)
    const after = await pullPage(
      target.remoteOf(ADA),
      { contacts: before.checkpoints.contacts ?? null },
      { origin: before.origin },
    )
    expect(after.origin.remote).toBe(before.origin.remote)
    expect(after.origin.epoch).not.toBe(before.origin.epoch)
    expect(after.reset).toEqual(['contacts'])
    expect(after.changes).toMatchObject([{ id: 'c1', rev, value: { name: 'Ada' } }])
  } finally {
    await source.stop()
    await target.stop()
  }
})

test('a standby refuses to be read from, and is another epoch once promoted', async () => {
  const [home, copy] = [
    mkdtempSync(join(tmpdir(), 'holdfast-a-')),
    mkdtempSync(join(tmpdir(), 'holdfast-b-')),
  ]
  for (const folder of [home, copy]) chmodSync(folder, 0o755)
  const folders = [join(home, 'data'), join(copy, 'data')] as const
  const running: { stop(): Promise<void> }[] = []
  try {
    const first = await startPostgres({ dataDir: folders[0] })
    await runSql(
      first.url,
      `create role authenticated; create role service_role; create schema auth;
      create function auth.uid() returns uuid language sql as 'select null::uuid';
      ${CRM} ${supabaseMigration({ tables: ['contacts'] })}`,
    )
    await first.stop()
    cpSync(folders[0], folders[1], { recursive: true })
    const primary = await startPostgres({ dataDir: folders[0] })
    running.push(primary)
    const standby = await startPostgres({
      dataDir: folders[1],
      settings: [`primary_conninfo=host=127.0.0.1 port=${primary.port} user=postgres`],
      standby: true,
    })
    running.push(standby)
    const pull = `select holdfast_pull('{"checkpoints": {"contacts": null}, "limit": 10, "replica": ""}') as page`
    const [before] = await query(primary.url, 'select holdfast.epoch() as epoch')
    await expect(query(standby.url, pull)).rejects.toMatchObject({ code: 'HF002' })
    await query(standby.url, 'select pg_promote()')
    const [after] = await query(standby.url, 'select holdfast.epoch() as epoch')
    expect(after?.epoch).not.toBe(before?.epoch)
    expect(await query(standby.url, pull)).toHaveLength(1)
  } finally {
    for (const server of running) await server.stop()
    for (const folder of [home, copy]) rmSync(folder, { recursive: true, force: true })
  }
})

test('a snapshot put back in place is noticed by a client that was ahead of it, or told by the operator', async () => {
  const stage = await openStage()
  try {
    const remote = stage.remoteOf(ADA)
    await applied(remote, mutation('contacts', 'c1', { value: { name: 'Ada' } }))
    const { origin, checkpoints } = await pullPage(remote, { contacts: null })
    const ahead = String(Number(checkpoints.contacts) + 100)
    const rewound = await pullPage(remote, { contacts: ahead }, { origin })
    expect(rewound.reset).toEqual(['contacts'])
    expect(rewound.changes).toHaveLength(1)
    await stage.query('select holdfast.new_epoch()')
    const told = await pullPage(remote, { contacts: checkpoints.contacts ?? null }, { origin })
    expect(told.reset).toEqual(['contacts'])
    expect(told.origin.epoch).not.toBe(origin.epoch)
  } finally {
    await stage.stop()
  }
})
