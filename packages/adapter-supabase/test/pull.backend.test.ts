import { afterAll, beforeAll, expect, test } from 'vitest'
import { supabase } from '../src/index.ts'
import {
  ADA,
  applied,
  BOB,
  CRM,
  follow,
  mutation,
  openStage,
  pullPage,
  push,
  REPLICA,
  type Stage,
} from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    sql: `${CRM}
      alter database postgres set timezone to 'America/New_York';
      create table kinds (id text primary key, small smallint, int8 bigint, big_list bigint[], money numeric(12,2), ratio float8,
        day date, at timestamptz, span interval, raw bytea, nested jsonb, loose json, "camelCase" text, "select" text,
        hidden text default 'internal');
    `,
    tables: ['contacts', 'orders', 'kinds'],
    maxRows: 100,
  })
})
afterAll(() => stage.stop())

test('more rows than PostgREST returns in one set come whole, page by page', async () => {
  const remote = stage.remoteOf(ADA)
  await stage.query(
    `insert into contacts (id, name, owner) select 'r' || n, 'Row ' || n, $1 from generate_series(1, 1310) n`,
    [ADA],
  )
  const page = await pullPage(remote, { contacts: null }, { limit: 2000 })
  expect(page.changes).toHaveLength(1310)
  expect(page.hasMore).toBe(false)
  const follower = follow(remote, 'contacts', 400)
  const came = await follower.catchUp()
  expect(came).toHaveLength(1310)
  expect(follower.documents.size).toBe(1310)
  expect(await follower.catchUp()).toEqual([])
})

test('a page of large documents is cut by its bytes, and the rest follows', async () => {
  const remote = stage.remoteOf(ADA)
  const { origin, checkpoints } = await pullPage(remote, { kinds: null })
  await stage.query(
    `insert into kinds (id, hidden) select 'big' || n, repeat('x', 400000) from generate_series(1, 30) n`,
  )
  let checkpoint = checkpoints.kinds ?? null
  const sizes: number[] = []
  for (let more = true; more; ) {
    const page = await pullPage(remote, { kinds: checkpoint }, { origin })
    sizes.push(page.changes.length)
    checkpoint = page.checkpoints.kinds ?? null
    more = page.hasMore
  }
  expect(sizes).toEqual([10, 10, 10])
  await stage.query(`delete from kinds`)
})

test('a page costs what is in it, not what is left of the feed', async () => {
  const client = await stage.connect()
  await client.query('begin')
  await client.query(`set local role authenticated; set local request.jwt.claims = '{"sub": "${ADA}"}'`)
  await client.query(`select holdfast.page('contacts', 0, 1000000000, 50, null)`)
  const { rows } = await client.query(
    `select idx_tup_fetch + seq_tup_read as read from pg_stat_xact_user_tables where relid = 'contacts'::regclass`,
  )
  await client.query('rollback')
  await client.end()
  expect(Number(rows[0].read)).toBeLessThan(100)
})

test('a quiet user does not read past the rows of others again', async () => {
  const remote = stage.remoteOf(BOB)
  const first = await pullPage(remote, { contacts: null })
  await stage.query(`insert into contacts (id, name, owner) values ('far', 'Far', $1)`, [ADA])
  const second = await pullPage(
    remote,
    { contacts: first.checkpoints.contacts ?? null },
    { origin: first.origin },
  )
  expect(second.changes).toEqual([])
  expect(Number(second.checkpoints.contacts)).toBeGreaterThan(Number(first.checkpoints.contacts))
})

test('several collections share one request and each gets its place in the page', async () => {
  const requests: string[] = []
  const remote = stage.remoteOf(ADA, {
    fetch: (input, init) => {
      requests.push(String(input))
      return stage.supabase.fetch(input, init)
    },
  })
  await stage.query(
    `insert into orders (id, contact) select gen_random_uuid(), 'r1' from generate_series(1, 30)`,
  )
  const page = await pullPage(remote, { contacts: null, orders: null }, { limit: 20 })
  expect(requests).toHaveLength(1)
  expect(page.hasMore).toBe(true)
  expect(page.changes.filter(({ collection }) => collection === 'contacts')).toHaveLength(10)
  expect(page.changes.filter(({ collection }) => collection === 'orders')).toHaveLength(10)
  await push(remote, [
    mutation('contacts', 'two-1', { value: { name: 'Ada' } }),
    mutation('orders', '00000000-0000-4000-8000-000000000001', { value: { contact: 'two-1' } }),
  ])
  expect(requests).toHaveLength(2)
})

test('the caller’s own revisions come without their value, but never from the beginning', async () => {
  const remote = stage.remoteOf(ADA)
  const { origin, checkpoints } = await pullPage(remote, { contacts: null }, { limit: 5000 })
  await applied(remote, mutation('contacts', 'mine', { value: { name: 'Ada' } }))
  const checkpoint = checkpoints.contacts ?? null
  const own = await pullPage(remote, { contacts: checkpoint }, { origin, replica: REPLICA })
  expect(own.changes).toMatchObject([{ id: 'mine', value: null, own: true }])
  const others = await pullPage(remote, { contacts: checkpoint }, { origin })
  expect(others.changes).toMatchObject([{ id: 'mine', value: { name: 'Ada' } }])
  expect(others.changes[0]).not.toHaveProperty('own')
  const fresh = await pullPage(remote, { contacts: null }, { origin, replica: REPLICA, limit: 5000 })
  expect(fresh.changes.findLast(({ id }) => id === 'mine')).toMatchObject({ value: { name: 'Ada' } })
  const voided = await pullPage(
    remote,
    { contacts: checkpoint },
    { origin: null, replica: REPLICA, limit: 5000 },
  )
  expect(voided.reset).toEqual(['contacts'])
  expect(voided.changes.every((change) => change.own === undefined)).toBe(true)
})

test('a checkpoint of one space means nothing in another', async () => {
  const client = stage.clientOf(stage.supabase.token(ADA))
  const [one, two] = [supabase({ client, space: ADA }), supabase({ client, space: BOB })]
  const { origin, checkpoints } = await pullPage(one, { contacts: null }, { limit: 5000 })
  const asked = { contacts: checkpoints.contacts ?? null }
  expect((await pullPage(one, asked, { origin })).reset).toBeUndefined()
  expect((await pullPage(two, asked, { origin })).reset).toEqual(['contacts'])
})

test('every kind of column goes there and comes back the same, also on another replica', async () => {
  const remote = stage.remoteOf(ADA)
  const value = {
    small: 7,
    int8: '9223372036854775807',
    big_list: ['9007199254740993', '1'],
    money: '1234567890.50',
    ratio: 0.1,
    day: '2026-02-28',
    at: '2026-02-28T12:30:00.5+00:00',
    span: '1 day 02:00:00',
    raw: '\\xdeadbeef',
    nested: { a: [1, null, { b: null }], z: 'é' },
    loose: { b: 1, a: 2 },
    camelCase: 'yes',
    select: 'reserved',
    hidden: 'shown',
  }
  const outcome = await push(remote, [mutation('kinds', 'k1', { value })])
  expect(outcome[0]).toEqual({ kind: 'applied', rev: expect.any(String), hlc: expect.any(String) })
  const page = await pullPage(remote, { kinds: null })
  expect(page.changes.find(({ id }) => id === 'k1')?.value).toEqual({ id: 'k1', ...value })
})

test('SQL NULL is an absent field, in both directions', async () => {
  const remote = stage.remoteOf(ADA)
  const [outcome] = await push(remote, [
    mutation('kinds', 'k2', { value: { day: null, nested: { kept: null } } }),
  ])
  expect(outcome).toMatchObject({
    kind: 'applied',
    value: { id: 'k2', nested: { kept: null }, hidden: 'internal' },
  })
  const value = (await pullPage(remote, { kinds: null })).changes.findLast(({ id }) => id === 'k2')?.value
  expect(value).toEqual({ id: 'k2', nested: { kept: null }, hidden: 'internal' })
})

test.each(['0; drop table contacts', '-1', '1e9', '99999999999999999999', ''])(
  'a checkpoint that is none starts over: %s',
  async (checkpoint) => {
    const remote = stage.remoteOf(ADA)
    const { origin } = await pullPage(remote, { contacts: null }, { limit: 1 })
    const page = await pullPage(remote, { contacts: checkpoint }, { origin, limit: 1 })
    expect(page.reset).toEqual(['contacts'])
    expect(page.changes).toHaveLength(1)
  },
)
