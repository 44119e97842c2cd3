import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { supabaseMigration } from '../src/install.ts'
import { ADA, applied, follow, mutation, openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.stop())

async function runAs(role: string, sql: string): Promise<pg.QueryResult[]> {
  const url = new URL(stage.supabase.databaseUrl)
  url.username = role
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    const results = await client.query(sql)
    return Array.isArray(results) ? results : [results]
  } finally {
    await client.end()
  }
}

test('running the migration again changes no document and no place in the feed', async () => {
  await applied(stage.remoteOf(ADA), mutation('contacts', 'c1', { value: { name: 'Ada' } }))
  const read = () => stage.query('select id, _rev, _hlc, _seq, _recent from contacts order by id')
  const before = await read()
  await stage.query(supabaseMigration({ tables: ['contacts', 'orders'] }))
  expect(await read()).toEqual(before)
  await applied(stage.remoteOf(ADA), mutation('contacts', 'c2', { value: { name: 'Bea' } }))
})

test('an owner without any special rights can install, on tables with rows and triggers of their own', async () => {
  const stage2 = await openStage({
    sql: `
      create role builder login; grant create on database postgres to builder; grant all on schema public to builder;
      grant usage on schema auth to builder;`,
    tables: [],
  })
  try {
    await stage2.query('drop schema holdfast cascade; drop function holdfast_pull, holdfast_push')
    const url = new URL(stage2.supabase.databaseUrl)
    url.username = 'builder'
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    await client.query(
      `create table notes (id text primary key, body text); insert into notes values ('old', 'there before')`,
    )
    await client.query(supabaseMigration({ tables: ['notes'] }))
    await client.query(`grant select, insert, update, delete on notes to authenticated`)
    await client.query(supabaseMigration({ tables: ['notes'] }))
    await client.query(`notify pgrst, 'reload schema'`)
    await client.end()
    const remote = stage2.remoteOf(ADA)
    const notes = follow(remote, 'notes')
    await expect
      .poll(() =>
        notes.catchUp().then(
          () => notes.documents.size,
          () => 0,
        ),
      )
      .toBe(1)
    const base = await applied(remote, mutation('notes', 'new', { value: { body: 'pushed' } }))
    await applied(remote, mutation('notes', 'new', { base, value: null }))
    expect(await notes.catchUp()).toMatchObject([{ id: 'new', value: null }])
  } finally {
    await stage2.stop()
  }
})

test.each([
  ['create table bad (id int primary key)', /type text or uuid/],
  ['create table bad (id text, part text, primary key (id, part))', /one column "id"/],
  ['create table bad (name text)', /one column "id"/],
  ['create view bad as select 1 as id', /not a table/],
])('%s is refused with what is wanted', async (sql, message) => {
  await expect(runAs('postgres', `begin; ${sql}; select holdfast.install_table('bad')`)).rejects.toThrow(
    message,
  )
})

test('uninstalling leaves documents alone and ends the stamping', async () => {
  await stage.query(`create table passing (id text primary key)`)
  await stage.query(`select holdfast.install_table('passing')`)
  await stage.query(`insert into passing (id) values ('p1')`)
  await stage.query(`select holdfast.uninstall_table('passing')`)
  await stage.query(`insert into passing (id) values ('p2')`)
  expect(await stage.query('select id, _seq > 0 as stamped from passing order by id')).toEqual([
    { id: 'p1', stamped: true },
    { id: 'p2', stamped: false },
  ])
})
