import { afterAll, beforeAll, expect, test } from 'vitest'
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
  pushOne,
  type Stage,
} from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    sql: `${CRM}
      create table members (team text, person uuid, primary key (team, person));
      grant select on members to authenticated;
      create table tasks (id text primary key, team text not null, title text, locked boolean not null default false);
      alter table tasks enable row level security;
      create policy see on tasks for select to authenticated
        using (exists (select from members m where m.team = tasks.team and m.person = (select auth.uid())));
      create policy add on tasks for insert to authenticated
        with check (exists (select from members m where m.team = tasks.team and m.person = (select auth.uid())));
      create policy edit on tasks for update to authenticated using (not locked);
      create policy drop on tasks for delete to authenticated using (not locked);
      create table profiles (id text primary key, name text, role text not null default 'guest');
      grant select on profiles to authenticated;
      revoke insert, update on profiles from authenticated;
      grant insert, update (name) on profiles to authenticated;
      create table badges (id text primary key, name text, role text);
      grant select, insert, update on badges to authenticated;
      create table log (entry text);
      create function log_role() returns trigger language plpgsql security definer as $$
        begin insert into log values (new.id); return null; end $$;
      create trigger log_role after update of role on badges for each row execute function log_role();
      insert into members values ('red', '${ADA}'), ('red', '${BOB}'), ('blue', '${ADA}');
    `,
    tables: ['contacts', 'orders', 'tasks', 'profiles', 'badges'],
  })
})
afterAll(() => stage.stop())

test('two users never see or touch each other’s rows', async () => {
  const [ada, bob] = [stage.remoteOf(ADA), stage.remoteOf(BOB)]
  const kept = await applied(ada, mutation('contacts', 'a1', { value: { name: 'Ada 1' } }))
  const gone = await applied(ada, mutation('contacts', 'a2', { value: { name: 'Ada 2' } }))
  await applied(ada, mutation('contacts', 'a2', { base: gone, value: null }))
  await applied(bob, mutation('contacts', 'b1', { value: { name: 'Bob 1' } }))

  const bobSees = follow(bob, 'contacts')
  await bobSees.catchUp()
  expect([...bobSees.documents.keys()]).toEqual(['b1'])

  const outcomes = await push(bob, [
    mutation('contacts', 'a1', { base: kept, value: { name: 'stolen' } }),
    mutation('contacts', 'a1', { base: kept, value: null }),
    mutation('contacts', 'a1', { value: { name: 'taken' } }),
    mutation('contacts', 'b2', { value: { name: 'forged', owner: ADA } }),
    mutation('contacts', 'b1', { value: { name: 'clash' } }),
  ])
  expect(outcomes).toMatchObject([
    { kind: 'rejected', reason: 'unavailable' },
    { kind: 'rejected', reason: 'unavailable' },
    { kind: 'rejected', reason: 'unavailable' },
    { kind: 'rejected', reason: 'forbidden' },
    { kind: 'conflict', current: { value: { name: 'Bob 1' } } },
  ])
  expect(await stage.query('select id, name, owner from contacts order by id')).toEqual([
    { id: 'a1', name: 'Ada 1', owner: ADA },
    { id: 'b1', name: 'Bob 1', owner: BOB },
  ])
})

test('what is absent and what is invisible answer alike', async () => {
  const bob = stage.remoteOf(BOB)
  await applied(stage.remoteOf(ADA), mutation('contacts', 'secret', { value: { name: 'Ada' } }))
  const answers = await push(bob, [
    mutation('contacts', 'secret', { base: 'm0', value: { name: 'x' } }),
    mutation('contacts', 'absent', { base: 'm0', value: { name: 'x' } }),
  ])
  expect(answers[0]).toEqual(answers[1])
})

test('a unique value of someone else is refused by the constraint’s name alone', async () => {
  await applied(
    stage.remoteOf(ADA),
    mutation('contacts', 'u1', { value: { name: 'Ada', email: 'ada@example.org' } }),
  )
  const outcome = await pushOne(
    stage.remoteOf(BOB),
    mutation('contacts', 'u2', { value: { name: 'Bob', email: 'ada@example.org' } }),
  )
  expect(outcome).toMatchObject({ kind: 'rejected', reason: 'unique', constraint: 'contacts_email_key' })
  expect(JSON.stringify(outcome)).not.toContain('ada@')
})

test('a visible row that policies keep from being touched is forbidden, never a silent success', async () => {
  const ada = stage.remoteOf(ADA)
  const base = await applied(
    ada,
    mutation('tasks', 't1', { value: { team: 'red', title: 'Plan', locked: true } }),
  )
  expect(
    await push(ada, [
      mutation('tasks', 't1', { base, value: { team: 'red', title: 'Changed', locked: false } }),
    ]),
  ).toEqual([{ kind: 'rejected', reason: 'forbidden' }])
  expect(await push(ada, [mutation('tasks', 't1', { base, value: null })])).toEqual([
    { kind: 'rejected', reason: 'forbidden' },
  ])
  expect(await stage.query(`select title from tasks where id = 't1'`)).toEqual([{ title: 'Plan' }])
})

test('rights on single columns are asked only for the columns that a patch names', async () => {
  const ada = stage.remoteOf(ADA)
  const base = await applied(ada, mutation('profiles', 'p1', { value: { name: 'Ada' } }))
  const value = { name: 'Ada L', role: 'guest' }
  const next = await applied(ada, mutation('profiles', 'p1', { base, value, fields: ['name'] }))
  expect(await stage.query('select name, role from profiles')).toEqual([{ name: 'Ada L', role: 'guest' }])
  const grab = mutation('profiles', 'p1', {
    base: next,
    value: { name: 'Ada L', role: 'admin' },
    fields: ['role'],
  })
  expect(await pushOne(ada, grab)).toMatchObject({ kind: 'rejected', reason: 'forbidden' })
})

test('triggers on single columns fire only for the columns that a patch names', async () => {
  const ada = stage.remoteOf(ADA)
  const base = await applied(ada, mutation('badges', 'b1', { value: { name: 'Ada' } }))
  const next = await applied(
    ada,
    mutation('badges', 'b1', { base, value: { name: 'Bea' }, fields: ['name'] }),
  )
  expect(await stage.query('select entry from log')).toEqual([])
  await applied(
    ada,
    mutation('badges', 'b1', { base: next, value: { name: 'Bea', role: 'x' }, fields: ['role'] }),
  )
  expect(await stage.query('select entry from log')).toEqual([{ entry: 'b1' }])
})

test('a policy over another table also decides who sees a tombstone', async () => {
  const [ada, bob] = [stage.remoteOf(ADA), stage.remoteOf(BOB)]
  for (const team of ['red', 'blue']) {
    const base = await applied(ada, mutation('tasks', `${team}-gone`, { value: { team } }))
    await applied(ada, mutation('tasks', `${team}-gone`, { base, value: null }))
  }
  const bobSees = follow(bob, 'tasks')
  await bobSees.catchUp()
  expect(bobSees.documents.get('red-gone')).toMatchObject({ value: null })
  expect(bobSees.documents.has('blue-gone')).toBe(false)
})

test('rows that someone gets access to come once they are touched', async () => {
  const cleo = '33333333-3333-4333-8333-333333333333'
  await applied(stage.remoteOf(ADA), mutation('tasks', 'shared', { value: { team: 'blue' } }))
  const cleoSees = follow(stage.remoteOf(cleo), 'tasks')
  expect(await cleoSees.catchUp()).toEqual([])
  await stage.query(`insert into members values ('blue', $1)`, [cleo])
  await stage.query(`select holdfast.touch('tasks', 'team = ''blue''')`)
  expect((await cleoSees.catchUp()).map(({ id }) => id)).toEqual(['shared'])
})

test('a tombstone stays its owner’s when someone else makes the id anew', async () => {
  const [ada, bob] = [stage.remoteOf(ADA), stage.remoteOf(BOB)]
  const base = await applied(ada, mutation('contacts', 'heir', { value: { name: 'Ada' } }))
  await applied(ada, mutation('contacts', 'heir', { base, value: null }))
  const made = await applied(bob, mutation('contacts', 'heir', { value: { name: 'Bob' } }))
  const adaSees = follow(ada, 'contacts')
  await adaSees.catchUp()
  expect(adaSees.documents.get('heir')).toMatchObject({ value: null })
  await applied(bob, mutation('contacts', 'heir', { base: made, value: null }))
  expect((await adaSees.catchUp()).map(({ id }) => id)).not.toContain('heir')
})

test('clients cannot write tombstones, nor call what is ours to call', async () => {
  const client = await stage.connect()
  await client.query(`set role authenticated; set request.jwt.claims = '{"sub": "${ADA}"}'`)
  const denied = { code: '42501' }
  await expect(client.query(`delete from holdfast_public.contacts`)).rejects.toMatchObject(denied)
  await expect(client.query(`update holdfast.meta set moved_to = 'x'`)).rejects.toMatchObject(denied)
  await expect(client.query(`select setval('holdfast.feed', 1)`)).rejects.toMatchObject(denied)
  await expect(client.query(`select setval('holdfast.seal', 2)`)).rejects.toMatchObject(denied)
  await expect(client.query(`select holdfast.install_table('contacts')`)).rejects.toMatchObject(denied)
  await expect(client.query(`select holdfast.enter()`)).rejects.toMatchObject(denied)
  await client.end()
})

test('anonymous callers are told to sign in', async () => {
  const anon = stage.remoteOf(ADA, { role: 'anon' })
  await expect(pullPage(anon, { contacts: null })).rejects.toMatchObject({ code: 'auth' })
})
