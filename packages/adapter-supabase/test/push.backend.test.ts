import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADA, applied, follow, mutation, openStage, push, pushOne, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    sql: `
      create table contacts (id text primary key, name text not null, email text unique, age int check (age >= 0),
        visits int8, tags text[], meta jsonb, photo bytea, full_name text generated always as (name || '!') stored);
      create table orders (id uuid primary key, contact text not null references contacts, total numeric(10,2) default 0);
      create table lines (id text primary key, contact text references contacts on delete cascade);
      create table tree (id text primary key, parent text references tree);
      create table pairs (id text primary key, twin text references pairs deferrable initially deferred);
      create table audit (id text primary key, note text);
      create function stamp_note() returns trigger language plpgsql as $$
        begin update audit set note = upper(note) where id = new.id and note <> upper(note); return null; end $$;
      create trigger shout after insert or update on audit for each row execute function stamp_note();
      create table fussy (id text primary key, note text);
      create function fuss() returns trigger language plpgsql as $$
        begin if new.note = 'no' then raise exception 'Notes must not say no.'; end if; return new; end $$;
      create trigger fuss before insert or update on fussy for each row execute function fuss();
    `,
    tables: ['contacts', 'orders', 'lines', 'tree', 'pairs', 'audit', 'fussy'],
  })
})
afterAll(() => stage.stop())

const ORDER = '00000000-0000-4000-8000-00000000000'

test('16 concurrent writers of one base: one applies, 15 are told of the conflict', async () => {
  const remote = stage.remoteOf(ADA)
  const base = await applied(remote, mutation('contacts', 'cas', { value: { name: 'Ada' } }))
  const rivals = Array.from({ length: 16 }, (_, i) =>
    mutation('contacts', 'cas', { base, value: { name: `Ada ${i}` } }),
  )
  const outcomes = await Promise.all(rivals.map((rival) => pushOne(remote, rival)))
  expect(outcomes.filter(({ kind }) => kind === 'applied')).toHaveLength(1)
  expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(15)
})

test.each([
  ['an update', { name: 'Bea' }],
  ['a delete', null],
])('%s that waited for another writer of the row is judged by what that one left', async (title, value) => {
  const remote = stage.remoteOf(ADA)
  const id = `waits ${title}`
  const base = await applied(remote, mutation('contacts', id, { value: { name: 'Ada' } }))
  const other = await stage.connect()
  await other.query('begin')
  await other.query(`update contacts set name = 'Cleo' where id = $1`, [id])
  const outcome = pushOne(remote, mutation('contacts', id, { base, value }))
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%holdfast_push%'`
  await expect.poll(() => stage.query(waiting).then((rows) => rows.length)).toBe(1)
  await other.query('commit')
  await other.end()
  expect(await outcome).toMatchObject({ kind: 'conflict', current: { value: { name: 'Cleo' } } })
})

test('16 concurrent creates of one id: one applies, 15 are told of the conflict', async () => {
  const remote = stage.remoteOf(ADA)
  const rivals = Array.from({ length: 16 }, (_, i) =>
    mutation('contacts', 'born', { value: { name: `Ada ${i}` } }),
  )
  const outcomes = await Promise.all(rivals.map((rival) => pushOne(remote, rival)))
  expect(outcomes.filter(({ kind }) => kind === 'applied')).toHaveLength(1)
  expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(15)
})

test('8 concurrent sends of one mutation: one effect, 7 duplicates', async () => {
  const remote = stage.remoteOf(ADA)
  const base = await applied(remote, mutation('contacts', 'again', { value: { name: 'Ada' } }))
  const one = mutation('contacts', 'again', { base, value: { name: 'Bea' } })
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => pushOne(remote, one)))
  expect(outcomes.filter(({ kind }) => kind === 'applied')).toHaveLength(1)
  const duplicates = outcomes.filter(({ kind }) => kind === 'duplicate')
  expect(duplicates).toHaveLength(7)
  expect(duplicates[0]).toMatchObject({ current: { rev: one.id, recent: [base, one.id] } })
})

test('a mutation sent again after others wrote on top of it is a duplicate', async () => {
  const remote = stage.remoteOf(ADA)
  const first = mutation('contacts', 'late', { value: { name: 'Ada' } })
  await applied(remote, first)
  await stage.query(`update contacts set name = 'Cleo' where id = 'late'`)
  expect(await pushOne(remote, first)).toMatchObject({
    kind: 'duplicate',
    current: { value: { name: 'Cleo' } },
  })
  const { rev } = (await follow(remote, 'contacts').catchUp()).findLast(({ id }) => id === 'late') ?? {
    rev: '',
  }
  const removed = mutation('contacts', 'late', { base: rev, value: null })
  await applied(remote, removed)
  expect(await pushOne(remote, removed)).toMatchObject({ kind: 'duplicate', current: { value: null } })
})

test('a poison mutation in the middle spoils nothing around it', async () => {
  const remote = stage.remoteOf(ADA)
  const outcomes = await push(remote, [
    mutation('contacts', 'p1', { value: { name: 'Ada' } }),
    mutation('contacts', 'p2', { value: { name: 'Bea', age: -1 } }),
    mutation('contacts', 'p3', { value: {} }),
    mutation('contacts', 'p4', { value: { name: 'Dia', nickname: 'D' } }),
    mutation('contacts', 'p5', { value: { name: 'Eva', age: 'old' } }),
    mutation('orders', 'not-a-uuid', { value: { contact: 'p1' } }),
    mutation('orders', 'ABCDEF00-0000-4000-8000-000000000000', { value: { contact: 'p1' } }),
    mutation('fussy', 'p6', { value: { note: 'no' } }),
    mutation('contacts', 'p7', { value: { name: 'nul \0' } }),
    mutation('contacts', 'p8', { value: { name: 'half', meta: { deep: ['\ud800'] } } }),
    mutation('contacts', 'p9', { value: { name: 'Fay' }, hlc: 'yesterday' }),
    mutation('contacts', 'p10', { value: { name: 'Gia' } }),
  ])
  expect(outcomes).toMatchObject([
    { kind: 'applied' },
    { kind: 'rejected', reason: 'check', constraint: 'contacts_age_check' },
    { kind: 'rejected', reason: 'not_null', field: 'name' },
    { kind: 'rejected', reason: 'unknown_column', field: 'nickname' },
    { kind: 'rejected', reason: 'invalid_value' },
    { kind: 'rejected', reason: 'invalid_id', field: 'id' },
    { kind: 'rejected', reason: 'invalid_id', field: 'id' },
    { kind: 'rejected', reason: 'refused', message: 'Notes must not say no.' },
    { kind: 'rejected', reason: 'invalid_value', field: 'name' },
    { kind: 'rejected', reason: 'invalid_value', field: 'meta' },
    { kind: 'rejected', reason: 'hlc' },
    { kind: 'applied' },
  ])
  expect(await stage.query(`select id from contacts where id like 'p%' order by id`)).toEqual([
    { id: 'p1' },
    { id: 'p10' },
  ])
})

test('a mutation that is older than what it stands on meets a conflict', async () => {
  const remote = stage.remoteOf(ADA)
  const first = mutation('contacts', 'old', { value: { name: 'Ada' } })
  const base = await applied(remote, first)
  const outcome = await pushOne(remote, {
    ...mutation('contacts', 'old', { base, value: { name: 'Bea' } }),
    hlc: first.hlc,
  })
  expect(outcome).toMatchObject({ kind: 'conflict', current: { rev: first.id, hlc: first.hlc } })
})

test('parents go before children, whatever their order in the push, and children before parents when deleted', async () => {
  const remote = stage.remoteOf(ADA)
  const order = mutation('orders', `${ORDER}1`, { value: { contact: 'parent' } })
  const contact = mutation('contacts', 'parent', { value: { name: 'Ada' } })
  expect(await push(remote, [order, contact])).toMatchObject([{ kind: 'applied' }, { kind: 'applied' }])
  const removed = await push(remote, [
    mutation('contacts', 'parent', { base: contact.id, value: null }),
    mutation('orders', `${ORDER}1`, { base: order.id, value: null }),
  ])
  expect(removed).toMatchObject([{ kind: 'applied' }, { kind: 'applied' }])
  const owner = mutation('contacts', 'owner', { value: { name: 'Ada' } })
  const line = mutation('lines', 'line', { value: { contact: 'owner' } })
  await push(remote, [owner, line])
  const cascaded = await push(remote, [
    mutation('contacts', 'owner', { base: owner.id, value: null }),
    mutation('lines', 'line', { base: line.id, value: null }),
  ])
  expect(cascaded).toMatchObject([{ kind: 'applied' }, { kind: 'applied' }])
  const branch = await push(remote, [
    mutation('tree', 'leaf', { value: { parent: 'twig' } }),
    mutation('tree', 'twig', { value: { parent: 'root' } }),
    mutation('tree', 'root'),
    mutation('tree', 'orphan', { value: { parent: 'nobody' } }),
  ])
  expect(branch.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'applied', 'rejected'])
  expect(branch[3]).toMatchObject({ reason: 'foreign_key', constraint: 'tree_parent_fkey' })
})

test('a deferred constraint decides within the push, for the mutation or group at fault only', async () => {
  const remote = stage.remoteOf(ADA)
  const outcomes = await push(remote, [
    mutation('pairs', 'left', { value: { twin: 'right' }, group: 'g1' }),
    mutation('pairs', 'lonely', { value: { twin: 'nobody' } }),
    mutation('pairs', 'right', { value: { twin: 'left' }, group: 'g1' }),
    mutation('pairs', 'up', { value: { twin: 'down' }, group: 'g2' }),
    mutation('pairs', 'down', { value: { twin: 'up' }, group: 'g2' }),
  ])
  expect(outcomes).toMatchObject([
    { kind: 'applied' },
    { kind: 'rejected', reason: 'foreign_key' },
    { kind: 'applied' },
    { kind: 'applied' },
    { kind: 'applied' },
  ])
})

test('a group takes effect together or not at all', async () => {
  const remote = stage.remoteOf(ADA)
  const outcomes = await push(remote, [
    mutation('contacts', 'g1', { value: { name: 'Ada' }, group: 'g' }),
    mutation('contacts', 'g2', { value: { name: 'Bea', age: -1 }, group: 'g' }),
    mutation('contacts', 'g3', { value: { name: 'Cleo' }, group: 'g' }),
    mutation('contacts', 'g4', { value: { name: 'Dia' } }),
  ])
  expect(outcomes).toMatchObject([
    { kind: 'retry', reason: 'group' },
    { kind: 'rejected', reason: 'check' },
    { kind: 'retry', reason: 'group' },
    { kind: 'applied' },
  ])
  expect(await stage.query(`select id from contacts where id like 'g_' order by id`)).toEqual([{ id: 'g4' }])
})

test('what the server changed comes back with the answer', async () => {
  const remote = stage.remoteOf(ADA)
  const created = await pushOne(
    remote,
    mutation('contacts', 'srv', { value: { name: 'Ada', email: null, visits: '9007199254740993' } }),
  )
  expect(created).toMatchObject({
    value: { id: 'srv', name: 'Ada', visits: '9007199254740993', full_name: 'Ada!' },
  })
  expect(created.kind === 'applied' && created.value).not.toHaveProperty('email')
  await pushOne(remote, mutation('contacts', 'payer', { value: { name: 'Ada' } }))
  const rounded = await pushOne(
    remote,
    mutation('orders', `${ORDER}2`, { value: { contact: 'payer', total: '1.005' } }),
  )
  expect(rounded).toMatchObject({ kind: 'applied', value: { total: '1.01' } })
  const shouted = mutation('audit', 'a1', { value: { note: 'hush' } })
  const outcome = await pushOne(remote, shouted)
  expect(outcome).toMatchObject({ kind: 'applied', value: { note: 'HUSH' } })
  expect(outcome.kind === 'applied' && outcome.rev).not.toBe(shouted.id)
  expect(await pushOne(remote, shouted)).toMatchObject({ kind: 'duplicate' })
})

test('a document that the server left as it was is answered without its value', async () => {
  const outcome = await pushOne(stage.remoteOf(ADA), mutation('fussy', 'plain', { value: { note: 'yes' } }))
  expect(outcome).toEqual({ kind: 'applied', rev: expect.any(String), hlc: expect.any(String) })
})

test('a patch leaves other columns alone, and a field that is gone becomes NULL', async () => {
  const remote = stage.remoteOf(ADA)
  const base = await applied(
    remote,
    mutation('contacts', 'patch', { value: { name: 'Ada', email: 'a@b', tags: ['x'] } }),
  )
  await stage.query(`alter table contacts add column if not exists secret text`)
  await stage.query(`update contacts set secret = 'kept', _rev = '>${base}', _hlc = _hlc where id = 'patch'`)
  const { rev } = (await follow(remote, 'contacts').catchUp()).findLast(({ id }) => id === 'patch') ?? {
    rev: '',
  }
  await applied(
    remote,
    mutation('contacts', 'patch', {
      base: rev,
      value: { name: 'Ada', tags: ['x', 'y'] },
      fields: ['tags', 'email'],
    }),
  )
  expect(await stage.query(`select name, email, tags, secret from contacts where id = 'patch'`)).toEqual([
    { name: 'Ada', email: null, tags: ['x', 'y'], secret: 'kept' },
  ])
})

test('a deleted document can be made again only by someone who saw that it was deleted', async () => {
  const remote = stage.remoteOf(ADA)
  const base = await applied(remote, mutation('contacts', 'phoenix', { value: { name: 'Ada' } }))
  const tomb = await applied(remote, mutation('contacts', 'phoenix', { base, value: null }))
  expect(await pushOne(remote, mutation('contacts', 'phoenix', { value: { name: 'Bea' } }))).toMatchObject({
    kind: 'conflict',
    current: { rev: tomb, value: null },
  })
  await applied(remote, mutation('contacts', 'phoenix', { base: tomb, value: { name: 'Cleo' } }))
  expect(
    (await follow(remote, 'contacts').catchUp()).findLast(({ id }) => id === 'phoenix')?.value,
  ).toMatchObject({ name: 'Cleo' })
})

test('an update of what is not there is unavailable', async () => {
  const outcome = await pushOne(
    stage.remoteOf(ADA),
    mutation('contacts', 'nobody', { base: 'm0', value: { name: 'Ada' } }),
  )
  expect(outcome).toEqual({ kind: 'rejected', reason: 'unavailable' })
})

test('pushes over the same rows in opposite orders do not deadlock', async () => {
  const remote = stage.remoteOf(ADA)
  const ids = Array.from({ length: 60 }, (_, i) => `dl${String(i).padStart(3, '0')}`)
  const created = await push(
    remote,
    ids.map((id) => mutation('contacts', id, { value: { name: 'Ada' } })),
  )
  const revs = created.map((outcome) => (outcome.kind === 'applied' ? outcome.rev : ''))
  const round = ids.map((id, i) => ({ id, base: revs[i] ?? '' }))
  const pushes = [round, round.toReversed(), round, round.toReversed()].map((rows) =>
    push(
      remote,
      rows.map(({ id, base }) => mutation('contacts', id, { base, value: { name: 'Bea' } })),
    ),
  )
  const outcomes = (await Promise.all(pushes)).flat()
  expect(outcomes.filter(({ kind }) => kind === 'applied')).toHaveLength(60)
  expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(180)
})
