import { type FaultProxy, startFaultProxy, startSupabase } from '@holdfast/dev-backends'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { supabase } from '../src/index.ts'
import { ADA, applied, BOB, mutation, openStage, pullPage, push, pushOne, type Stage } from './stage.ts'

let stage: Stage
let proxy: FaultProxy
beforeAll(async () => {
  stage = await openStage({
    sql: `
      create table notes (id text primary key, body text);
      create table elsewhere (id text primary key);
      create function break_it() returns trigger language plpgsql as $$
        begin
          if new.body = 'broken' then perform 1 from no_such_table; end if;
          if new.body = 'rival' then raise exception 'x' using errcode = '40P01'; end if;
          if new.body = 'slow' then perform pg_sleep(5); end if;
          if new.body = 'full' then raise exception 'x' using errcode = '53100'; end if;
          return new;
        end $$;
      create trigger break_it before insert or update on notes for each row execute function break_it();
      alter role authenticated set statement_timeout = '700ms';
    `,
    tables: ['notes'],
  })
  proxy = await startFaultProxy({ target: stage.supabase.url })
})
afterAll(async () => {
  await proxy.stop()
  await stage.stop()
})

const behindProxy = () =>
  stage.remoteOf(ADA, {
    fetch: (input, init) => fetch(proxy.url + new URL(String(input)).pathname.replace('/rest/v1', ''), init),
  })

const note = (id: string, body = 'plain') => mutation('notes', id, { value: { body } })

test('without the migration, both calls say what to run', async () => {
  const bare = await startSupabase({ sql: 'create table notes (id text primary key);' })
  try {
    const remote = supabase({
      client: stage.clientOf(bare.token(ADA), {
        fetch: (input, init) =>
          fetch(bare.url + new URL(String(input)).pathname.replace('/rest/v1', ''), init),
      }),
    })
    const told = { code: 'remote_not_installed', message: expect.stringContaining('holdfast-supabase') }
    await expect(pullPage(remote, { notes: null })).rejects.toMatchObject(told)
    await expect(push(remote, [note('n1')])).rejects.toMatchObject(told)
  } finally {
    await bare.stop()
  }
})

test('a table that is not synced is not installed either', async () => {
  const told = { code: 'remote_not_installed' }
  await expect(pullPage(stage.remoteOf(ADA), { elsewhere: null })).rejects.toMatchObject(told)
  await expect(push(stage.remoteOf(ADA), [mutation('elsewhere', 'e1')])).rejects.toMatchObject(told)
})

test('an expired or forged token pauses, and the same push goes through with a fresh one', async () => {
  const expired = supabase({ client: stage.clientOf(stage.supabase.token(ADA, { expiresInS: -3600 })) })
  const forged = supabase({ client: stage.clientOf(`${stage.supabase.token(BOB)}x`) })
  const one = note('token')
  for (const remote of [expired, forged]) {
    await expect(pushOne(remote, one)).rejects.toMatchObject({ code: 'auth', retryable: false })
    await expect(pullPage(remote, { notes: null })).rejects.toMatchObject({ code: 'auth' })
  }
  expect((await pushOne(stage.remoteOf(ADA), one)).kind).toBe('applied')
})

test('a broken trigger of the application is a protocol failure, never a dead letter', async () => {
  await expect(push(stage.remoteOf(ADA), [note('b1'), note('b2', 'broken')])).rejects.toMatchObject({
    code: 'protocol',
    details: { code: '42P01' },
  })
  expect((await pushOne(stage.remoteOf(ADA), note('b1'))).kind).toBe('applied')
})

test('a deadlock is to be tried again, a full disk after a wait, a statement timeout as a timeout', async () => {
  const remote = stage.remoteOf(ADA)
  expect(await push(remote, [note('d1'), note('d2', 'rival')])).toMatchObject([
    { kind: 'retry', reason: 'contention' },
    { kind: 'retry', reason: 'contention' },
  ])
  await expect(pushOne(remote, note('d3', 'full'))).rejects.toMatchObject({
    code: 'throttled',
    details: { retryAfter: expect.any(Number) },
  })
  await expect(pushOne(remote, note('d4', 'slow'))).rejects.toMatchObject({
    code: 'timeout',
    retryable: true,
  })
  expect(await stage.query(`select id from notes where id like 'd_'`)).toEqual([])
})

test('a cancelled call fails as aborted, soon', async () => {
  const control = new AbortController()
  const call = stage
    .remoteOf(ADA)
    .push({ mutations: [note('c1', 'slow')], replica: '', signal: control.signal })
  const early = expect(call).rejects.toMatchObject({ code: 'aborted' })
  control.abort()
  await early
})

test('what the network makes of an answer is never taken for one', async () => {
  const remote = behindProxy()
  const cases = [
    [{ kind: 'lost-request' }, 'network'],
    [{ kind: 'lost-response' }, 'network'],
    [{ kind: 'truncated' }, 'network'],
    [{ kind: 'html' }, 'network'],
    [{ kind: 'status', status: 500 }, 'network'],
    [{ kind: 'status', status: 503 }, 'network'],
    [{ kind: 'status', status: 429 }, 'throttled'],
    [{ kind: 'status', status: 403 }, 'protocol'],
  ] as const
  for (const [fault, code] of cases) {
    proxy.faults.use((index) => (index === 0 ? fault : null))
    await expect(pullPage(remote, { notes: null }), fault.kind).rejects.toMatchObject({ code })
  }
  proxy.faults.heal()
  expect((await pullPage(remote, { notes: null })).hasMore).toBe(false)
})

test('a response lost after the commit: the mutation sent again is a duplicate', async () => {
  const remote = behindProxy()
  const one = note('lost')
  proxy.faults.use((index) => (index === 0 ? { kind: 'lost-response' } : null))
  await expect(pushOne(remote, one)).rejects.toMatchObject({ code: 'network', retryable: true })
  expect(await pushOne(remote, one)).toMatchObject({ kind: 'duplicate', current: { rev: one.id } })
})

test('once sealed, pushes are told that it moved and other programs are refused; pull goes on', async () => {
  const remote = stage.remoteOf(ADA)
  const base = await applied(remote, note('sealed'))
  await stage.query(`update holdfast.meta set moved_to = 'dynamodb'`)
  await stage.query(`select setval('holdfast.seal', 2)`)
  try {
    await expect(pushOne(remote, mutation('notes', 'sealed', { base }))).rejects.toMatchObject({
      code: 'moved',
      details: { movedTo: 'dynamodb' },
    })
    for (const sql of [
      `insert into notes (id) values ('x')`,
      `delete from notes`,
      'truncate notes',
      `update notes set body = 'x'`,
    ]) {
      await expect(stage.query(sql), sql).rejects.toMatchObject({ code: 'HF001' })
    }
    expect((await pullPage(remote, { notes: null })).changes.length).toBeGreaterThan(0)
  } finally {
    await stage.query(`select setval('holdfast.seal', 1)`)
  }
  await applied(remote, mutation('notes', 'sealed', { base, value: { body: 'open' } }))
})
