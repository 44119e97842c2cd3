import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADA, mutation, openStage, push, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    sql: `
      create table notes (id text primary key, text text);
      create table slow (id text primary key, text text);
      create function wait_for_lock() returns trigger language plpgsql as $$ begin
        if current_user = 'authenticated' then
          perform pg_advisory_xact_lock(7);
        end if;
        return new;
      end $$;
      create trigger waits before insert on slow for each row execute function wait_for_lock();`,
    tables: ['notes', 'slow'],
  })
})
afterAll(() => stage?.stop())

async function blocked(pid: number | undefined): Promise<void> {
  for (;;) {
    const [found] = await stage.query<{ n: number }>('select cardinality(pg_blocking_pids($1)) as n', [pid])
    if ((found?.n ?? 0) > 0) return
  }
}

test('an upsert that waited for a delete makes a version after the tombstone, and knows what was applied before', async () => {
  const pushed = mutation('notes', 'a', { value: { text: 'pushed' } })
  await push(stage.remoteOf(ADA), [pushed])
  const [deleter, writer] = [await stage.connect(), await stage.connect()]
  try {
    await deleter.query('begin')
    await deleter.query(`delete from notes where id = 'a'`)
    const [backend] = (await writer.query<{ pid: number }>('select pg_backend_pid() as pid')).rows
    const upsert = writer.query(
      `insert into notes (id, text) values ('a', 'again') on conflict (id) do update set text = excluded.text`,
    )
    await blocked(backend?.pid)
    await deleter.query('commit')
    await upsert
  } finally {
    await deleter.end()
    await writer.end()
  }
  const [row] = await stage.query<{ later: boolean; placed: boolean; _recent: string[] }>(
    `select n._hlc > d._hlc as later, n._seq > d._seq as placed, n._recent
     from notes n join holdfast_public.notes d using (id)`,
  )
  expect(row).toMatchObject({ later: true, placed: true })
  expect(row?._recent).toContain(pushed.id)
})

test.each([
  ['alone', ['a']],
  ['in a run', ['b', 'c']],
])(
  'a document that was made and deleted elsewhere while its creation waited is not created: %s',
  async (_, ids) => {
    const other = await stage.connect()
    try {
      await other.query('select pg_advisory_lock(7)')
      const creations = ids.map((id) => mutation('slow', id, { value: { text: 'pushed' } }))
      const pushed = push(stage.remoteOf(ADA), creations)
      for (;;) {
        const [waiting] = await stage.query<{ n: string }>(
          `select count(*) as n from pg_locks where locktype = 'advisory' and objid = 7 and not granted`,
        )
        if (waiting?.n !== '0') break
      }
      await other.query(`insert into slow (id, text) select unnest($1::text[]), 'elsewhere'`, [ids])
      await other.query('delete from slow where id = any ($1)', [ids])
      await other.query('select pg_advisory_unlock(7)')
      expect((await pushed).map(({ kind }) => kind)).toEqual(ids.map(() => 'conflict'))
    } finally {
      await other.end()
    }
    expect(await stage.query('select id from slow')).toEqual([])
  },
)

test('a run that waited for the very row that is deleted then does not create it, trigger or not', async () => {
  const other = await stage.connect()
  try {
    await other.query('begin')
    await other.query(`insert into notes (id, text) values ('run2', 'elsewhere')`)
    const [backend] = (await other.query<{ pid: number }>('select pg_backend_pid() as pid')).rows
    const creations = ['run1', 'run2'].map((id) => mutation('notes', id, { value: { text: 'pushed' } }))
    const pushed = push(stage.remoteOf(ADA), creations)
    for (;;) {
      const [waiting] = await stage.query<{ n: string }>(
        `select count(*) as n from pg_stat_activity where $1 = any (pg_blocking_pids(pid))`,
        [backend?.pid],
      )
      if (waiting?.n !== '0') break
    }
    await other.query(`delete from notes where id = 'run2'`)
    await other.query('commit')
    expect((await pushed).map(({ kind }) => kind)).toEqual(['applied', 'conflict'])
  } finally {
    await other.end()
  }
  expect(await stage.query(`select id from notes where id like 'run%'`)).toEqual([{ id: 'run1' }])
})

test('what another program inserts while its id is made and deleted stands after the tombstone', async () => {
  const [first, second] = [await stage.connect(), await stage.connect()]
  try {
    await first.query('begin')
    await first.query(`insert into notes (id, text) values ('once', 'first')`)
    const [backend] = (await second.query<{ pid: number }>('select pg_backend_pid() as pid')).rows
    const insert = second.query(`insert into notes (id, text) values ('once', 'second')`)
    await blocked(backend?.pid)
    await first.query(`delete from notes where id = 'once'`)
    await first.query('commit')
    await insert
  } finally {
    await first.end()
    await second.end()
  }
  const [row] = await stage.query<{ later: boolean; placed: boolean }>(
    `select n._hlc > d._hlc as later, n._seq > d._seq as placed
     from notes n join holdfast_public.notes d using (id) where id = 'once'`,
  )
  expect(row).toEqual({ later: true, placed: true })
})
