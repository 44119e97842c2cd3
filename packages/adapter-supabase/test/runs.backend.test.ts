import type { PushMutation, PushOutcome, RemoteStore } from '@holdfast/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADA, applied, mutation, openStage, push, pushOne, type Stage } from './stage.ts'

const COLUMNS = `id text primary key, name text not null, email text unique, age int check (age >= 0), done boolean,
  at timestamptz, price numeric(10,2), tags text[], meta jsonb, kind varchar(5), added text default 'server'`

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    sql: `
      create table whole (${COLUMNS});
      create table single (${COLUMNS});
      create table plain (id text primary key, name text, age int, done boolean);
      create table nodes (id uuid primary key, parent uuid references nodes deferrable initially deferred, note text);
      create table loud (id text primary key, note text);
      create function loud() returns trigger language plpgsql as $$
        begin new.note := upper(new.note); return new; end $$;
      create trigger loud before insert or update on loud for each row execute function loud();
      create table touchy (id text primary key, note text);
      create function touch_first() returns trigger language plpgsql as $$
        begin
          if new.note = 'last' then update touchy set note = 'touched' where id = 't0'; end if;
          return null;
        end $$;
      create trigger touch_first after insert on touchy for each row execute function touch_first();
    `,
    tables: ['whole', 'single', 'plain', 'nodes', 'loud', 'touchy'],
  })
})
afterAll(() => stage?.stop())

/** Numbers from 0 to 1, the same for a seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

const VALUES: readonly object[] = [
  { name: 'plain' },
  { name: 'plain', age: 7, done: true, meta: { deep: [1, null] }, tags: ['a'] },
  { name: 'rounded', price: '1.005' },
  { name: 'zoned', at: '2026-01-01T00:00:00+02:00' },
  { name: 7, age: '7', done: 'true' },
  { name: 'mine', added: 'client', email: null },
  { name: 'unique', email: 'one@example.org' },
  { name: 'too long', kind: 'longer than five' },
  { name: 'below', age: -1 },
  { name: 'fraction', age: 1.5 },
  { name: 'unknown', nickname: 'x' },
  {},
]

/** What anyone can tell of an outcome, without the revisions that depend on when it was made. */
function told({ kind, ...rest }: PushOutcome): object {
  const { reason, field, constraint, value, current } = rest as Record<string, unknown> & {
    current?: { value: unknown } | null
  }
  const named = typeof constraint === 'string' ? constraint.replace(/^(whole|single)/, '') : constraint
  return { kind, reason, field, constraint: named, value, current: current?.value }
}

test.each([1, 2, 3, 4, 5, 6])(
  'a batch has the outcomes of its mutations one by one, in any mixture (%i)',
  async (seed) => {
    const random = randomFrom(seed)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
    const remote = stage.remoteOf(ADA)
    const revs = new Map<string, string>()
    const sentBefore: PushMutation[] = []
    for (let round = 0; round < 4; round++) {
      const ids = Array.from({ length: 30 }, (_, i) => `s${seed}-${i}`).filter(() => random() < 0.7)
      const batch = ids.map((id) => {
        if (random() < 0.05 && sentBefore.length > 0) {
          const again = pick(sentBefore)
          if (!ids.includes(again.documentId)) return again
        }
        const base = random() < 0.9 ? (revs.get(id) ?? null) : pick([null, 'gone'])
        const wild = random() < 0.25
        const value = random() < 0.06 ? null : wild ? pick(VALUES) : { name: `n${round}`, age: round }
        const fields = base !== null && value !== null && random() < 0.5 ? { fields: Object.keys(value) } : {}
        return mutation('whole', id, { base, value, ...fields })
      })
      const outcomes = await push(remote, batch)
      const alone: PushOutcome[] = []
      // Deletes come after the rest of a push.
      for (const isDelete of [false, true]) {
        for (const [i, one] of batch.entries()) {
          if ((one.value === null) === isDelete)
            alone[i] = await pushOne(remote, { ...one, collection: 'single' })
        }
      }
      expect(outcomes.map(told)).toEqual(alone.map(told))
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.kind === 'applied') revs.set((batch[i] as PushMutation).documentId, outcome.rev)
      }
      sentBefore.push(...batch)
      const rows = (table: string) =>
        stage.query(
          `select to_jsonb(t) - '_seq' as row from ${table} t where id like 's${seed}-%' order by id`,
        )
      expect(await rows('whole')).toEqual(await rows('single'))
    }
  },
)

async function pushNotes(remote: RemoteStore, table: string, notes: readonly string[]) {
  const prefix = table[0]
  return push(
    remote,
    notes.map((note, i) => mutation(table, `${prefix}${i}`, { value: { note } })),
  )
}

test('rows that a trigger changes before they are stored come back as they stand', async () => {
  const outcomes = await pushNotes(stage.remoteOf(ADA), 'loud', ['a', 'B', 'c'])
  expect(outcomes).toMatchObject([{ value: { note: 'A' } }, { kind: 'applied' }, { value: { note: 'C' } }])
  expect(outcomes[1]).not.toHaveProperty('value')
})

test('a row that another row of the batch made a trigger write again comes back under that revision', async () => {
  const outcomes = await pushNotes(stage.remoteOf(ADA), 'touchy', ['first', 'middle', 'last'])
  const [row] = await stage.query<{ _rev: string }>(`select _rev from touchy where id = 't0'`)
  expect(outcomes).toMatchObject([
    { kind: 'applied', rev: row?._rev, value: { note: 'touched' } },
    { kind: 'applied' },
    { kind: 'applied' },
  ])
  expect(outcomes[2]).not.toHaveProperty('value')
})

test('of a thousand, the ones at fault are found and the others take effect', async () => {
  const remote = stage.remoteOf(ADA)
  const bad = new Set([0, 17, 500, 501, 999])
  const batch = Array.from({ length: 1000 }, (_, i) =>
    mutation('plain', `p${i}`, { value: { name: `n${i}`, age: bad.has(i) ? 'x' : i } }),
  )
  const outcomes = await push(remote, batch)
  for (const [i, { kind }] of outcomes.entries())
    expect(kind, `${i}`).toBe(bad.has(i) ? 'rejected' : 'applied')
  const [count] = await stage.query<{ n: number }>('select count(*)::int as n from plain')
  expect(count?.n).toBe(1000 - bad.size)
})

test('a deferred constraint is judged with the batch, and spoils only what breaks it', async () => {
  const remote = stage.remoteOf(ADA)
  const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
  const outcomes = await push(remote, [
    mutation('nodes', id(1), { value: { parent: id(2) } }),
    mutation('nodes', id(2), { value: { parent: id(1) } }),
    mutation('nodes', id(3), { value: { parent: id(9) } }),
    mutation('nodes', id(4), { value: { note: 'alone' } }),
  ])
  expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'rejected', 'applied'])
})

test('a create in a batch does not wait for whoever is deleting that row, nor follow its tombstone', async () => {
  const remote = stage.remoteOf(ADA)
  const rev = await applied(remote, mutation('plain', 'dying', { value: { name: 'old' } }))
  const deleter = await stage.connect()
  await deleter.query('begin')
  await deleter.query(`delete from plain where id = 'dying'`)
  const outcomes = await push(remote, [
    mutation('plain', 'dying', { value: { name: 'new' } }),
    mutation('plain', 'other', { value: { name: 'new' } }),
  ])
  await deleter.query('commit')
  await deleter.end()
  expect(outcomes).toMatchObject([{ kind: 'conflict', current: { rev } }, { kind: 'applied' }])
  expect(await stage.query(`select from plain where id = 'dying'`)).toEqual([])
})
