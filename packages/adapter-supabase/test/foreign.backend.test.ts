import { isHlc, replicaOf } from '@holdfast/core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  ADA,
  applied,
  type Follower,
  follow,
  mutation,
  openStage,
  pushOne,
  REPLICA,
  type Stage,
} from './stage.ts'

let stage: Stage
let contacts: Follower
let orders: Follower
const ORDER = '00000000-0000-4000-8000-00000000000'

beforeAll(async () => {
  stage = await openStage({
    sql: `
      create table contacts (id text primary key, name text, meta json,
        shout text generated always as (upper(name)) stored);
      create table orders (id uuid primary key, contact text references contacts on delete cascade on update cascade);
    `,
  })
})
afterAll(() => stage.stop())
beforeEach(async () => {
  contacts = follow(stage.remoteOf(ADA), 'contacts')
  orders = follow(stage.remoteOf(ADA), 'orders')
  await contacts.catchUp()
  await orders.catchUp()
})

/** What another program does, and what the feed of contacts then brings. */
async function after(...statements: string[]) {
  for (const sql of statements) await stage.query(sql)
  return contacts.catchUp()
}

/** A contact that a client made and nobody changed since. */
async function pushed(id: string): Promise<string> {
  const rev = await applied(
    stage.remoteOf(ADA),
    mutation('contacts', id, { value: { name: 'Ada', meta: { a: 1 } } }),
  )
  await contacts.catchUp()
  return rev
}

async function expectConflict(id: string, base: string) {
  expect(
    await pushOne(stage.remoteOf(ADA), mutation('contacts', id, { base, value: { name: 'Bea' } })),
  ).toMatchObject({
    kind: 'conflict',
  })
}

test('INSERT, with a revision and a timestamp of the database', async () => {
  const [change] = await after(`insert into contacts (id, name) values ('ins', 'Ada')`)
  expect(change).toMatchObject({ id: 'ins', value: { id: 'ins', name: 'Ada', shout: 'ADA' } })
  expect(isHlc(change?.hlc)).toBe(true)
  expect(replicaOf(change?.hlc ?? '')).not.toBe(REPLICA)
  expect(change?.rev).not.toBe('')
})

test('UPDATE, newer than what it replaced and caught by compare-and-set', async () => {
  const rev = await pushed('upd')
  const before = contacts.documents.get('upd')
  const [change] = await after(`update contacts set name = 'Cleo' where id = 'upd'`)
  expect(change?.value).toMatchObject({ name: 'Cleo' })
  expect(change && before && change.hlc > before.hlc).toBe(true)
  await expectConflict('upd', rev)
})

test('UPDATE of a row whose clock is ahead', async () => {
  const hlc = `0fffffffffff-ffff-${REPLICA}`
  await applied(stage.remoteOf(ADA), { ...mutation('contacts', 'ahead', { value: { name: 'Ada' } }), hlc })
  const changes = await after(`update contacts set name = 'Cleo' where id = 'ahead'`)
  expect(changes.at(-1)?.hlc.startsWith('100000000000-0000-')).toBe(true)
})

test('an UPDATE that changes nothing is no change', async () => {
  await pushed('noop')
  expect(await after(`update contacts set name = name, meta = meta where id = 'noop'`)).toEqual([])
})

test('a row written back whole, sync columns and all', async () => {
  const rev = await pushed('back')
  await stage.query(`create table stale as select * from contacts where id = 'back'`)
  await stage.query(`update contacts set name = 'Bea' where id = 'back'`)
  const [change] = await after(
    `update contacts c set name = 'Cleo', _rev = s._rev, _hlc = s._hlc, _recent = s._recent, _seq = s._seq from stale s where c.id = s.id`,
  )
  expect(change?.value).toMatchObject({ name: 'Cleo' })
  expect(change?.rev).not.toBe(rev)
  await expectConflict('back', rev)
})

test('DELETE, and what it cascades to', async () => {
  const rev = await pushed('del')
  await stage.query(`insert into orders values ('${ORDER}1', 'del')`)
  await orders.catchUp()
  expect(await after(`delete from contacts where id = 'del'`)).toMatchObject([{ id: 'del', value: null }])
  expect(await orders.catchUp()).toMatchObject([{ id: `${ORDER}1`, value: null }])
  await expectConflict('del', rev)
})

test('COPY', async () => {
  const [change] = await after(`copy contacts (id) from program 'echo copied'`)
  expect(change).toMatchObject({ id: 'copied', value: { id: 'copied' } })
})

test('ON CONFLICT DO UPDATE', async () => {
  const rev = await pushed('ups')
  const [change] = await after(
    `insert into contacts as c (id, name) values ('ups', 'Cleo')
     on conflict (id) do update set name = excluded.name, _rev = c._rev, _hlc = c._hlc, _recent = c._recent, _seq = c._seq`,
  )
  expect(change?.value).toMatchObject({ name: 'Cleo' })
  await expectConflict('ups', rev)
})

test('MERGE, in each of its ways', async () => {
  const rev = await pushed('mrg')
  await pushed('gone')
  const changes = await after(
    `merge into contacts c using (values ('mrg'), ('new'), ('gone')) v(id) on c.id = v.id
     when matched and v.id = 'gone' then delete
     when matched then update set name = 'Cleo'
     when not matched then insert (id, name) values (v.id, 'Dia')`,
  )
  const byId = new Map(changes.map((change) => [change.id, change.value]))
  expect(byId.get('mrg')).toMatchObject({ name: 'Cleo' })
  expect(byId.get('new')).toMatchObject({ name: 'Dia' })
  expect(byId.get('gone')).toBeNull()
  await expectConflict('mrg', rev)
})

test('a changed primary key: a tombstone for the old id, a document under the new', async () => {
  await pushed('pk-old')
  await stage.query(`insert into orders values ('${ORDER}2', 'pk-old')`)
  await orders.catchUp()
  const changes = await after(`update contacts set id = 'pk-new' where id = 'pk-old'`)
  expect(new Map(changes.map(({ id, value }) => [id, value?.name ?? null]))).toEqual(
    new Map([
      ['pk-old', null],
      ['pk-new', 'Ada'],
    ]),
  )
  expect(await orders.catchUp()).toMatchObject([{ id: `${ORDER}2`, value: { contact: 'pk-new' } }])
})

test('a row deleted and inserted again, in one statement or in two', async () => {
  await pushed('again')
  const one = await after(
    `with gone as (delete from contacts where id = 'again' returning id)
     insert into contacts (id, name) select id, 'Bea' from gone`,
  )
  expect(one.at(-1)).toMatchObject({ id: 'again', value: { name: 'Bea' } })
  const two = await after(
    `do $$ begin delete from contacts where id = 'again'; insert into contacts (id, name) values ('again', 'Cleo'); end $$`,
  )
  expect(two.at(-1)).toMatchObject({ id: 'again', value: { name: 'Cleo' } })
  const hlcs = [...one, ...two].map(({ hlc }) => hlc)
  expect(hlcs).toEqual(hlcs.toSorted())
})

test('triggers switched off for the session do not switch off the stamp', async () => {
  const client = await stage.connect()
  await client.query(`set session_replication_role = replica`)
  await client.query(`insert into contacts (id, name) values ('replica', 'Ada')`)
  await client.end()
  expect(await contacts.catchUp()).toMatchObject([{ id: 'replica' }])
})

test('a role without any rights on our schema can write', async () => {
  const client = await stage.connect()
  await client.query(
    'create role batch; grant insert, update, delete, select on contacts to batch; set role batch',
  )
  await client.query(`insert into contacts (id) values ('batch')`)
  await client.query(`delete from contacts where id = 'batch'`)
  await client.end()
  expect(await contacts.catchUp()).toMatchObject([{ id: 'batch', value: null }])
})

test('TRUNCATE', async () => {
  await pushed('cut')
  const changes = await after('truncate contacts cascade')
  expect(changes.find(({ id }) => id === 'cut')).toMatchObject({ value: null })
  expect(changes.every(({ value }) => value === null)).toBe(true)
})

test('writes through a partitioned table and straight into a partition', async () => {
  await stage.query(`
    create table events (id text primary key, note text) partition by hash (id);
    create table events_0 partition of events for values with (modulus 2, remainder 0);
    create table events_1 partition of events for values with (modulus 2, remainder 1);
    select holdfast.install_table('events');
    grant select on events to service_role;`)
  const events = follow(stage.remoteOf(ADA), 'events')
  await stage.query(`insert into events (id) select 'e' || n from generate_series(1, 8) n`)
  await stage.query(`update events_0 set note = 'direct'; delete from events_1`)
  const changes = await events.catchUp()
  const live = await stage.query<{ id: string }>('select id from events order by id')
  expect(
    changes
      .filter(({ value }) => value !== null)
      .map(({ id, value }) => [id, value?.note])
      .toSorted(),
  ).toEqual(live.map(({ id }) => [id, 'direct']))
  expect(changes.filter(({ value }) => value === null)).toHaveLength(8 - live.length)
})

test('a column that is added later comes to clients once the migration has run again', async () => {
  await stage.query(`insert into contacts (id, name) values ('wide', 'Ada'), ('narrow', 'Bea')`)
  await contacts.catchUp()
  await stage.query(`alter table contacts add column city text`)
  await stage.query(`update contacts set city = 'Oslo' where id = 'wide'`)
  expect((await contacts.catchUp()).at(-1)?.value).not.toHaveProperty('city')
  const changes = await after(`select holdfast.install_table('contacts')`)
  expect(changes).toMatchObject([{ id: 'wide', value: { city: 'Oslo' } }])
})
