import type { PushOutcome } from '@holdfast/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ADA,
  applied,
  BOB,
  mutation,
  nextHlc,
  openStage,
  pullPage,
  push,
  pushOne,
  type Stage,
} from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    sql: `
      create table plain (id text primary key, name text, age int);
      create table filled (id text primary key, n int, twice int generated always as (n * 2) stored,
        label text not null default 'new', made timestamptz, price numeric(10,2), tags text[], meta jsonb);
      create table alone (like filled including all);
      create table simple (id text primary key, n int, label text default 'new');
      create table doubled (id text primary key, n int, twice int generated always as (n * 2) stored);
      create table owned (id text primary key, name text, owner uuid not null default auth.uid());
      alter table owned enable row level security;
      create policy own on owned to authenticated
        using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
      create table folders (id text primary key, name text);
      create table files (id text primary key, folder text references folders, name text);
      create table skipping (id text primary key, name text);
      create function skip() returns trigger language plpgsql as $$
        begin if new.name = 'skip' then return null; end if; return new; end $$;
      create trigger skip before insert on skipping for each row execute function skip();
    `,
    tables: ['plain', 'filled', 'alone', 'simple', 'doubled', 'owned', 'folders', 'files', 'skipping'],
  })
})
afterAll(() => stage?.stop())

let batches = 0

const kinds = (outcomes: readonly PushOutcome[]) => outcomes.map(({ kind }) => kind)
const named = (table: string, prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => mutation(table, `${prefix}${i}`, { value: { name: `n${i}` } }))

test('what the table fills in is told, whichever columns the documents of a batch have', async () => {
  const remote = stage.remoteOf(ADA)
  const values: object[] = [
    { n: 1 },
    { n: 2, label: 'sent', meta: { a: [1, null] } },
    { label: 'sent' },
    { n: 4, twice: 99, label: 'sent' },
    { n: 5, label: 'sent', price: '1.005', tags: ['a', 'b'] },
    { n: 6, label: 'sent', made: '2026-01-01T00:00:00+02:00' },
    { n: '7', label: 8 },
    {},
  ]
  const told = (outcomes: readonly PushOutcome[]) =>
    outcomes.map((outcome) => ({ kind: outcome.kind, value: 'value' in outcome ? outcome.value : undefined }))
  const together = await push(
    remote,
    values.map((value, i) => mutation('filled', `f${i}`, { value })),
  )
  const oneByOne: PushOutcome[] = []
  for (const [i, value] of values.entries()) {
    oneByOne.push(await pushOne(remote, mutation('alone', `f${i}`, { value })))
  }
  expect(told(together)).toEqual(told(oneByOne))
  expect(told(together)[0]?.value).toEqual({ id: 'f0', n: 1, twice: 2, label: 'new' })
  const rows = (table: string) =>
    stage.query(`select to_jsonb(t) - '{_rev,_hlc,_seq,_recent}'::text[] as row from ${table} t order by id`)
  expect(await rows('filled')).toEqual(await rows('alone'))
})

test.each([
  [
    'simple',
    [
      { n: 1, label: 'a' },
      { n: 2, label: 'b' },
    ],
    [undefined, undefined],
  ],
  ['simple', [{ label: 'a' }, { label: 'b' }], [undefined, undefined]],
  ['simple', [{ n: 1, label: 'a' }, { label: 'b' }], [undefined, undefined]],
  [
    'simple',
    [{ n: 1 }, { n: 2 }],
    [
      { n: 1, label: 'new' },
      { n: 2, label: 'new' },
    ],
  ],
  ['simple', [{ n: 1, label: 'a' }, { n: 2 }], [undefined, { n: 2, label: 'new' }]],
  [
    'simple',
    [
      { n: '1', label: 'a' },
      { n: '2', label: 'b' },
    ],
    [
      { n: 1, label: 'a' },
      { n: 2, label: 'b' },
    ],
  ],
  [
    'doubled',
    [{ n: 1 }, { n: 2 }],
    [
      { n: 1, twice: 2 },
      { n: 2, twice: 4 },
    ],
  ],
  [
    'doubled',
    [
      { n: 1, twice: 9 },
      { n: 2, twice: 9 },
    ],
    [
      { n: 1, twice: 2 },
      { n: 2, twice: 4 },
    ],
  ],
])('of %s, what is stored as it was sent is answered without its value: %j', async (table, sent, told) => {
  batches++
  const id = (i: number) => `b${batches}-${i}`
  const outcomes = await push(
    stage.remoteOf(ADA),
    sent.map((value, i) => mutation(table, id(i), { value })),
  )
  expect(kinds(outcomes)).toEqual(sent.map(() => 'applied'))
  expect(outcomes.map((outcome) => ('value' in outcome ? outcome.value : undefined))).toEqual(
    told.map((value, i) => (value === undefined ? undefined : { id: id(i), ...value })),
  )
})

test('ids that are taken unseen leave the others of the batch alone', async () => {
  await push(
    stage.remoteOf(BOB),
    named('owned', 'o', 40).filter((_, i) => i % 13 === 5),
  )
  const outcomes = await push(stage.remoteOf(ADA), named('owned', 'o', 40))
  for (const [i, outcome] of outcomes.entries()) {
    if (i % 13 === 5) expect(outcome, `${i}`).toMatchObject({ kind: 'rejected', reason: 'unavailable' })
    else expect(outcome.kind, `${i}`).toBe('applied')
  }
})

test('an id that another transaction makes meanwhile is a conflict, and the others take effect', async () => {
  const maker = await stage.connect()
  await maker.query('begin')
  await maker.query(`insert into plain values ('race3', 'theirs')`)
  const pushed = push(stage.remoteOf(ADA), named('plain', 'race', 6))
  await expect
    .poll(() => stage.query(`select from pg_stat_activity where wait_event_type = 'Lock'`))
    .toHaveLength(1)
  await maker.query('commit')
  await maker.end()
  const outcomes = await pushed
  expect(kinds(outcomes)).toEqual(['applied', 'applied', 'applied', 'conflict', 'applied', 'applied'])
  expect(outcomes[3]).toMatchObject({ current: { value: { name: 'theirs' } } })
})

test('a batch sent again is one effect, also when more is sent with it', async () => {
  const remote = stage.remoteOf(ADA)
  const batch = named('plain', 'twice', 300)
  expect(new Set(kinds(await push(remote, batch)))).toEqual(new Set(['applied']))
  const before = await stage.query(`select id, _rev, _seq from plain where id like 'twice%' order by id`)
  expect(new Set(kinds(await push(remote, batch)))).toEqual(new Set(['duplicate']))
  const [fresh] = named('plain', 'fresh', 1)
  const again = await push(remote, [...batch.slice(0, 150), fresh as (typeof batch)[0], ...batch.slice(150)])
  expect(again.filter(({ kind }) => kind === 'applied')).toHaveLength(1)
  expect(again[150]?.kind).toBe('applied')
  expect(await stage.query(`select id, _rev, _seq from plain where id like 'twice%' order by id`)).toEqual(
    before,
  )
})

test('a batch over tombstones goes nowhere unseen', async () => {
  const remote = stage.remoteOf(ADA)
  const rev = await applied(remote, mutation('plain', 'buried1', { value: { name: 'old' } }))
  const gone = await applied(remote, mutation('plain', 'buried1', { base: rev, value: null }))
  const outcomes = await push(remote, named('plain', 'buried', 3))
  expect(kinds(outcomes)).toEqual(['applied', 'conflict', 'applied'])
  expect(outcomes[1]).toMatchObject({ current: { rev: gone, value: null } })
})

test('a document that a trigger keeps out of the table is not said to be applied', async () => {
  const batch = named('skipping', 's', 5)
  batch[2] = mutation('skipping', 's2', { value: { name: 'skip' } })
  const outcomes = await push(stage.remoteOf(ADA), batch)
  expect(kinds(outcomes)).toEqual(['applied', 'applied', 'rejected', 'applied', 'applied'])
})

test('tables take turns in a batch and parents still go first', async () => {
  const outcomes = await push(
    stage.remoteOf(ADA),
    Array.from({ length: 10 }, (_, i) => [
      mutation('files', `file${i}`, { value: { folder: `folder${i}`, name: 'f' } }),
      mutation('folders', `folder${i}`, { value: { name: 'f' } }),
    ]).flat(),
  )
  expect(new Set(kinds(outcomes))).toEqual(new Set(['applied']))
})

test('values that came as objects are judged as those in lists', async () => {
  const client = stage.clientOf(stage.supabase.token(ADA))
  const of = (id: string, value: object) => [`m-${id}`, nextHlc(), 'plain', id, null, value]
  const mutations = [
    of('obj1', { id: 'obj1', name: 'a' }),
    of('obj2', { id: 'obj2', age: 'x' }),
    of('obj3', { id: 'obj3' }),
  ]
  const { data } = await client.rpc('holdfast_push', { mutations, columns: {} })
  expect(data).toMatchObject({ of: 3, others: [[1, { kind: 'rejected' }]] })
  expect(await stage.query(`select id, name from plain where id like 'obj%' order by id`)).toEqual([
    { id: 'obj1', name: 'a' },
    { id: 'obj3', name: null },
  ])
})

test('runs that do not add up are refused whole', async () => {
  const client = stage.clientOf(stage.supabase.token(ADA))
  const mutations = [['m-odd', nextHlc(), 'plain', 'odd', null, ['a']]]
  const columns = { plain: { names: ['name'], types: ['string'] } }
  const { error } = await client.rpc('holdfast_push', { mutations, columns, runs: [['plain', 'create', 2]] })
  expect(error?.code).toBe('22023')
  expect(await stage.query(`select from plain where id = 'odd'`)).toEqual([])
})

test('a timestamp that is none, beside a mark, makes a foreign version and no pushed one', async () => {
  const hlcs = [
    '',
    'x',
    'f00000000000-0000-bebebebebebebebe',
    '0123456789ab-0000-BEBEBEBEBEBEBEBE',
    '0123456789ab--000-bebebebebebebebe',
  ]
  for (const [i, hlc] of hlcs.entries()) {
    await stage.query(`insert into plain (id, _rev, _hlc) values ($1, '>forged', $2)`, [`forged${i}`, hlc])
  }
  const { changes } = await pullPage(stage.remoteOf(ADA), { plain: null }, { limit: 5000 })
  const forged = changes.filter(({ id }) => id.startsWith('forged'))
  expect(forged).toHaveLength(hlcs.length)
  for (const { id, rev, hlc } of forged) {
    expect(rev, id).not.toContain('forged')
    expect(hlc, id).toMatch(/^[0-9a-e][0-9a-f]{11}-[0-9a-f]{4}-[0-9a-f]{16}$/)
  }
})

test('a document made anew keeps the last mutations of the one that was deleted, eight at most', async () => {
  const remote = stage.remoteOf(ADA)
  const revs = [await applied(remote, mutation('plain', 'long', { value: { name: 'n' } }))]
  for (let i = 0; i < 9; i++) {
    const value = i === 8 ? null : { name: `n${i}` }
    revs.push(await applied(remote, mutation('plain', 'long', { base: revs.at(-1) as string, value })))
  }
  revs.push(
    await applied(
      remote,
      mutation('plain', 'long', { base: revs.at(-1) as string, value: { name: 'anew' } }),
    ),
  )
  const [row] = await stage.query<{ _recent: string[] }>(`select _recent from plain where id = 'long'`)
  expect(row?._recent).toEqual(revs.slice(-8))
})
