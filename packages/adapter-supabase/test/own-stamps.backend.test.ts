import type { PushMutation } from '@holdfast/core'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ADA, follow, mutation, openStage, pullPage, push, REPLICA, type Stage } from './stage.ts'

/*
 * A run of new documents brings its own stamps, and the trigger is not called for them. Whatever else is
 * written meanwhile, by whomever and with whatever in its sync columns, is stamped as ever.
 */

let stage: Stage
let client: pg.Client
beforeAll(async () => {
  stage = await openStage({
    sql: `
      create table notes (id text primary key, text text check (text <> 'bad'));
      create table copies (id text primary key, text text);
      create table copied (id text primary key, text text);
      create table loud (id text primary key, text text);
      create table counters (id text primary key, n int);
      create table numbered (id text primary key, text text);
      create table checked (id text primary key, text text);
      create table single (id text primary key, text text);
      revoke insert on single from authenticated;
      grant insert (id, text) on single to authenticated;
      insert into counters values ('c', 0);
      -- Copies all columns of the last row that was stored, into the same table and into another.
      create function copy_last(source text) returns text language plpgsql as $$ begin
        execute format('insert into copies (id, text, _rev, _hlc, _recent, _seq)
          select %L || id, text, _rev, _hlc, _recent, _seq from %I order by _seq desc limit 1
          on conflict do nothing', source || ' ', source);
        return 'copied';
      end $$;
      create function copy_here() returns text language plpgsql as $$ begin
        for i in 1..2 loop
          insert into copied (id, text, made, _rev, _hlc, _recent, _seq)
            select 'again ' || id, text, 'here', _rev, _hlc, _recent, _seq from copied
            order by _seq desc limit 1 on conflict do nothing;
        end loop;
        perform copy_last('copied');
        return 'first';
      end $$;
      alter table copied add made text default copy_here();
      create function copy_by_trigger() returns trigger language plpgsql as $$
        begin perform copy_last('loud'); return new; end $$;
      create trigger copies after insert on loud for each row execute function copy_by_trigger();
      create function counted() returns int language sql as $$
        update counters set n = n + 1 where id = 'c' returning n $$;
      create function checks() returns boolean language plpgsql as $$
        begin perform copy_last('checked'); return true; end $$;
      alter table checked enable row level security;
      create policy checks on checked to authenticated using (true) with check (checks());
    `,
    tables: ['notes', 'copies', 'copied', 'loud', 'counters', 'numbered', 'checked', 'single'],
  })
  await stage.query(`alter table numbered add n int default counted()`)
  await stage.query(`select holdfast.install_table('numbered')`)
})
afterAll(() => stage?.stop())
beforeEach(async () => {
  client = await stage.connect()
})
afterEach(() => client.end())

const run = (table: string, ids: readonly string[], value: object = { text: 'new' }) =>
  ids.map((id) => mutation(table, id, { value }))

/** What `holdfast_push` is given for a run of new notes, for calls within a transaction of the test's own. */
function pushOf(ids: readonly string[], texts: readonly string[] = ids) {
  const mutations = run('notes', ids).map(({ id, hlc, documentId }, i) => [
    ...[id, hlc, 'notes', documentId, null],
    [texts[i]],
  ])
  const columns = { notes: { names: ['text'], types: ['string'] } }
  return [JSON.stringify({ mutations, columns, runs: [['notes', 'create', ids.length]] })]
}

/** Pushes while the trigger of the table would fail. */
async function pushUncalled(table: string, batch: readonly PushMutation[]) {
  await client.query(`create or replace function holdfast_public.${table}_stamp() returns trigger
    language plpgsql as $$ begin raise exception 'called'; end $$`)
  const outcomes = await push(stage.remoteOf(ADA), batch)
  await client.query('select holdfast.install_table($1)', [table])
  return outcomes
}

const PUSH = 'select holdfast_push($1::jsonb)'

/** What the trigger of `notes` wants to hear, as anyone can read it. */
const SETTING = `select substring(pg_get_triggerdef(oid) from 'DISTINCT FROM ''(\\w+ notes)''') as run
  from pg_trigger where tgrelid = 'notes'::regclass and tgname = 'zzz_holdfast_stamp'`

test('a run of new documents is stored with its stamps, without a call for each row', async () => {
  const batch = run('notes', ['a', 'b', 'c'])
  const outcomes = await pushUncalled('notes', batch)
  expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'applied'])
  const { rows } = await client.query(
    `select _rev, _hlc, _recent from notes where id in ('a', 'b', 'c') order by _seq`,
  )
  expect(rows).toEqual(batch.map(({ id, hlc }) => ({ _rev: id, _hlc: hlc, _recent: [id] })))
})

test('each row has a place of its own in the feed', async () => {
  const notes = follow(stage.remoteOf(ADA), 'notes')
  await notes.catchUp()
  await push(stage.remoteOf(ADA), run('notes', ['p1', 'p2', 'p3']))
  await push(stage.remoteOf(ADA), run('notes', ['p4', 'p5']))
  expect((await notes.catchUp()).map(({ id }) => id)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5'])
  const [count] = await stage.query<{ twice: boolean }>(
    'select count(*) > count(distinct _seq) as twice from notes',
  )
  expect(count).toEqual({ twice: false })
})

test.each([
  ['at once', []],
  ['after a run that failed', ['bad']],
])('the feed waits at the place before the numbers of a run, %s', async (_, texts) => {
  const ids = ['w1', 'w2', 'w3'].map((id) => `${id}-${texts.length}`)
  await client.query('begin')
  await client.query(PUSH, pushOf(ids, [...texts, ...ids].slice(0, 3)))
  const { rows } = await client.query('select min(_seq)::int as first from notes where id = any ($1)', [ids])
  const [horizon] = await stage.query<{ at: number }>('select holdfast.horizon()::int as at')
  await client.query('rollback')
  expect(horizon?.at).toBeLessThan(rows[0].first)
})

test.each([
  ['', []],
  [' that failed', ['bad', 'fine']],
])('nothing of a run is left open after a run%s', async (_, texts) => {
  const ids = [`l1-${texts.length}`, `l2-${texts.length}`]
  await client.query('begin')
  await client.query(PUSH, pushOf(ids, texts.length === 0 ? ids : texts))
  const { rows } = await client.query(`select current_setting('holdfast.run', true) as run`)
  await client.query(
    `insert into notes select 'copy ' || id, text, _rev, _hlc, _recent, currval('holdfast.feed')
    from notes where id = any ($1)`,
    [ids],
  )
  const copies = await client.query(`select _rev from notes where id like 'copy l%'`)
  await client.query('rollback')
  expect(rows[0].run || null).toBeNull()
  expect(copies.rows).not.toEqual([])
  for (const { _rev } of copies.rows) expect(_rev).toContain('.')
})

test.each([
  ['a default', 'copied', 'copied again again ', 2],
  ['a default, into the same table', 'copied', 'again ', 2],
  ['a default, and a copy of the copy', 'copied', 'again again ', 2],
  ['a trigger', 'loud', 'loud ', 1],
  ['a policy', 'checked', 'checked ', 2],
])(
  'a copy of a row of the run, sync columns and all, has a stamp of its own: by %s',
  async (how, table, prefix, count) => {
    const name = how.replaceAll(' ', '-')
    const into = prefix.startsWith('again') ? 'copied' : 'copies'
    const batch = run(table, [`${name}1`, `${name}2`, `${name}3`])
    const outcomes = await push(stage.remoteOf(ADA), batch)
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'applied'])
    // A replica is not sent the values of its own revisions again.
    const { changes } = await pullPage(stage.remoteOf(ADA), { [into]: null }, { replica: REPLICA })
    const came = changes.filter(({ id }) => id.startsWith(`${prefix}${name}`))
    expect(came).toHaveLength(count)
    for (const { rev, value } of came) {
      expect(value).toMatchObject({ text: 'new' })
      expect(batch.map(({ id }) => id)).not.toContain(rev)
    }
    const [places] = await stage.query<{
      twice: boolean
    }>(`select count(*) > count(distinct _seq) as twice from (
    select _seq from copies union all select _seq from copied union all select _seq from loud
    union all select _seq from checked) s`)
    expect(places).toEqual({ twice: false })
  },
)

test('who has rights of single columns creates in runs too', async () => {
  const outcomes = await pushUncalled('single', run('single', ['s1', 's2']))
  expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'applied'])
})

test('a default that writes another synced table leaves a run as it is, and that write in the feed', async () => {
  const counters = follow(stage.remoteOf(ADA), 'counters')
  await counters.catchUp()
  const outcomes = await pushUncalled('numbered', run('numbered', ['n1', 'n2', 'n3']))
  expect(outcomes).toMatchObject([1, 2, 3].map((n) => ({ kind: 'applied', value: { n } })))
  expect((await counters.catchUp()).at(-1)).toMatchObject({ id: 'c', value: { n: 3 } })
})

test.each([
  ['upper case', (hlc: string) => hlc.toUpperCase()],
  ['no hex', (hlc: string) => `${hlc.slice(0, -1)}g`],
  ['short', (hlc: string) => hlc.slice(0, -1)],
  ['long', (hlc: string) => `${hlc}0`],
  ['dashes elsewhere', (hlc: string) => `${hlc.slice(0, 22)}-${hlc.slice(23)}`],
  ['dashes of a uuid', (hlc: string) => hlc.replaceAll('-', '').replace(/^(.{8})(.{4})/, '$1-$2-')],
  ['no dashes', (hlc: string) => hlc.replaceAll('-', '')],
  ['braces', (hlc: string) => `{${hlc.replaceAll('-', '')}}`],
  ['beyond all time', (hlc: string) => `f${hlc.slice(1)}`],
  ['a line more', (hlc: string) => `${hlc.slice(0, -1)}\n`],
])('a timestamp that is none is refused in a run: %s', async (what, spoil) => {
  const ids = [1, 2, 3].map((n) => `${what} ${n}`)
  const batch = run('notes', ids).map((one, i) => (i === 1 ? { ...one, hlc: spoil(one.hlc) } : one))
  expect(await push(stage.remoteOf(ADA), batch)).toMatchObject([
    { kind: 'applied' },
    { kind: 'rejected', reason: 'hlc' },
    { kind: 'applied' },
  ])
  expect(await stage.query(`select id from notes where id like $1 order by id`, [`${what}%`])).toEqual([
    { id: ids[0] },
    { id: ids[2] },
  ])
})

test('who opens a run by hand gets no number but the next one, once, and no form but the right one', async () => {
  const [setting] = await stage.query<{ run: string }>(SETTING)
  await stage.query('create role hand; grant authenticated to hand')
  const hlc = `018000000000-0000-${REPLICA}`
  const insert = (id: string, number: string, at = hlc) =>
    client.query(
      `insert into notes (id, _rev, _hlc, _recent, _seq) select $1, 'forged', $2, '{}', ${number} returning _rev, _seq::int`,
      [id, at],
    )
  await client.query(`set role hand; set holdfast.run = '${setting?.run}'`)
  const [mine] = (await client.query(`select nextval('holdfast.feed')::int as n`)).rows
  for (const number of ['null::bigint', '1e15::bigint', '1', '0', '-1', '9223372036854775807']) {
    const { rows } = await insert(`h ${number}`, number)
    expect(rows[0]._rev, number).toContain('.')
    expect(rows[0]._seq, number).toBeLessThan(mine.n + 100)
  }
  const next = `nextval('holdfast.feed')`
  const { rows: once } = await insert('h2', next)
  const { rows: twice } = await insert('h3', String(once[0]._seq))
  expect(once[0]._rev).toBe('forged')
  expect(twice[0]._rev).toContain('.')
  expect(twice[0]._seq).toBeGreaterThan(once[0]._seq)
  for (const at of ['yesterday', hlc.toUpperCase(), hlc.replaceAll('-', ''), `f${hlc.slice(1)}`]) {
    const made = await insert(`h ${at}`, next, at).catch(() => 'refused')
    if (typeof made === 'object') expect(made.rows[0]._rev).toContain('.')
  }
  const [malformed] = await stage.query<{ n: number }>(
    `select count(*)::int as n from notes where _hlc !~ '^[0-9a-e][0-9a-f]{11}-[0-9a-f]{4}-[0-9a-f]{16}$'`,
  )
  expect(malformed).toEqual({ n: 0 })
})

test('who may only write rows cannot bring a stamp, and writes as ever whatever is set', async () => {
  const [setting] = await stage.query<{ run: string }>(SETTING)
  await stage.query('create role mere; grant insert, select, update on notes to mere')
  await client.query(`set role mere; set holdfast.run = '${setting?.run}'`)
  await expect(client.query(`select nextval('holdfast.feed')`)).rejects.toThrow(/permission denied/)
  await expect(
    client.query(
      `insert into notes (id, _rev, _hlc, _seq) values ('m1', 'forged', '018000000000-0000-${REPLICA}', 5)`,
    ),
  ).rejects.toThrow(/permission denied/)
  const { rows } = await client.query(`insert into notes (id) values ('m2') returning _rev`)
  expect(rows[0]._rev).toContain('.')
})
