import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADA, follow, openStage, pullPage, type Stage } from './stage.ts'

/*
 * The one that got its place first and commits last. Controls stand next to each test: readers
 * that are wrong in one known way, and must miss what ours sees.
 */

let stage: Stage
const open: pg.Client[] = []
beforeAll(async () => {
  stage = await openStage({
    sql: 'create table notes (id text primary key, body text, updated_at timestamptz default now());',
    tables: ['notes'],
  })
})
afterAll(async () => {
  for (const client of open) await client.end()
  await stage.stop()
})

async function connect(): Promise<pg.Client> {
  const client = await stage.connect()
  open.push(client)
  return client
}

const LOCKS = `select min(((classid::bigint & 65535) << 32) | objid::bigint) as held from pg_locks
  where locktype = 'advisory' and objsubid = 1 and classid::bigint >> 16 = 18502`
const LAST = 'select last_value as last from holdfast.feed'

test('the first to draw a number and last to commit is not missed; naive cursors miss it', async () => {
  const [slow, quick, reader] = [await connect(), await connect(), await connect()]
  const ours = follow(stage.remoteOf(ADA), 'notes')
  await ours.catchUp()

  await slow.query('begin')
  await slow.query(`insert into notes (id, body) values ('slow', 'first number')`)
  await quick.query(
    `insert into notes (id, body, updated_at) values ('quick', 'last number', clock_timestamp())`,
  )

  const early = await ours.catchUp()
  const byTime = await reader.query('select max(updated_at)::text as cursor from notes')
  const byNumber = await reader.query('select max(_seq) as cursor from notes')
  await slow.query('commit')

  const late = await ours.catchUp()
  expect([...early, ...late].map(({ id }) => id)).toEqual(['slow', 'quick'])

  const naive = await reader.query('select id from notes where updated_at > $1::timestamptz', [
    byTime.rows[0].cursor,
  ])
  const plain = await reader.query('select id from notes where _seq > $1', [byNumber.rows[0].cursor])
  expect(naive.rows).toEqual([])
  expect(plain.rows).toEqual([])
})

test('a snapshot older than the horizon has holes, so that pull refuses it', async () => {
  const [writer, reader] = [await connect(), await connect()]
  await reader.query('begin isolation level repeatable read')
  await reader.query('select count(*) from notes')
  await writer.query(`insert into notes (id) values ('unseen')`)
  const { rows } = await reader.query(LAST)
  const { rows: locks } = await reader.query(LOCKS)
  expect(locks[0].held).toBeNull()
  const seen = await reader.query('select id from notes where _seq <= $1', [rows[0].last])
  const cursor = rows[0].last
  await expect(
    reader.query(`select holdfast_pull('{"checkpoints": {"notes": null}, "limit": 10, "replica": ""}')`),
  ).rejects.toMatchObject({ code: 'HF002' })
  await reader.query('rollback')

  const after = await reader.query('select id from notes where _seq > $1', [cursor])
  const control = [...seen.rows, ...after.rows].map(({ id }) => id)
  expect(control).not.toContain('unseen')
  const ours = follow(stage.remoteOf(ADA), 'notes')
  await ours.catchUp()
  expect([...ours.documents.keys()]).toContain('unseen')
})

test('locks that are read before the last number have holes', async () => {
  const [slow, quick, reader] = [await connect(), await connect(), await connect()]
  const { rows: locks } = await reader.query(LOCKS)
  await slow.query('begin')
  await slow.query(`insert into notes (id) values ('hidden')`)
  await quick.query(`insert into notes (id) values ('shown')`)
  const { rows: last } = await reader.query(LAST)
  expect(locks[0].held).toBeNull()
  const wrong = await reader.query('select id from notes where _seq <= $1', [last[0].last])
  const right = (await reader.query('select holdfast.horizon() as horizon')).rows[0].horizon
  expect(BigInt(right)).toBeLessThan(BigInt(last[0].last))
  await slow.query('commit')
  const rest = await reader.query('select id from notes where _seq > $1', [last[0].last])
  expect([...wrong.rows, ...rest.rows].map(({ id }) => id)).not.toContain('hidden')
  const truth = await reader.query('select id from notes where _seq > $1', [right])
  expect(truth.rows.map(({ id }) => id)).toContain('hidden')
})

test('rows that are read before the horizon have holes', async () => {
  const [writer, reader] = [await connect(), await connect()]
  const ids: string[] = (await reader.query('select id from notes')).rows.map(({ id }) => id)
  await writer.query(`insert into notes (id) values ('between')`)
  const { rows } = await reader.query('select holdfast.horizon() as horizon')
  const rest = await reader.query('select id from notes where _seq > $1', [rows[0].horizon])
  expect([...ids, ...rest.rows.map(({ id }) => id)]).not.toContain('between')
})

test('a savepoint that is rolled back gives its place up, and the next write takes one again', async () => {
  const [slow, quick, reader] = [await connect(), await connect(), await connect()]
  const ours = follow(stage.remoteOf(ADA), 'notes')
  await ours.catchUp()
  await slow.query('begin')
  await slow.query('savepoint s')
  await slow.query(`insert into notes (id) values ('undone')`)
  await slow.query('rollback to s')
  expect((await reader.query(LOCKS)).rows[0].held).toBeNull()
  await slow.query(`insert into notes (id) values ('kept')`)
  await quick.query(`insert into notes (id) values ('after')`)
  const early = await ours.catchUp()
  await slow.query('commit')
  const late = await ours.catchUp()
  expect([...early, ...late].map(({ id }) => id)).toEqual(['kept', 'after'])
})

test('only writers of synced tables delay the feed, and the delay is told', async () => {
  const [other, slow, quick] = [await connect(), await connect(), await connect()]
  await other.query('create table if not exists elsewhere (id int)')
  const remote = stage.remoteOf(ADA)
  const ours = follow(remote, 'notes')
  await ours.catchUp()
  await other.query('begin')
  await other.query('insert into elsewhere values (1)')
  await quick.query(`insert into notes (id) values ('free')`)
  expect((await ours.catchUp()).map(({ id }) => id)).toEqual(['free'])
  expect((await pullPage(remote, { notes: null })).lag).toBeUndefined()
  await other.query('rollback')
  await slow.query('begin')
  await slow.query(`insert into notes (id) values ('waits')`)
  await quick.query(`insert into notes (id) values ('held')`)
  const page = await pullPage(remote, { notes: null })
  expect(page.changes.map(({ id }) => id)).not.toContain('held')
  expect(page.lag).toBeGreaterThan(0)
  await slow.query('rollback')
  expect((await ours.catchUp()).map(({ id }) => id)).toEqual(['held'])
})
