import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ADA,
  applied,
  follow,
  mutation,
  nextHlc,
  openStage,
  pullPage,
  push,
  REPLICA,
  type Stage,
} from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    sql: `
      create table mixed (id text primary key, note text);
      create table words (id text primary key, last text, count int, more boolean, rows text, columns text,
        others text, seq bigint, size int, upto text, "null" jsonb, "it's" text);
      create table packed (id text primary key, body jsonb);
      create table partly (id text primary key, shown text, secret text default 'secret');
      revoke select on partly from authenticated;
      grant select (id, shown) on partly to authenticated;
      create table moving (id text primary key, note text);
    `,
    tables: ['mixed', 'words', 'packed', { name: 'partly', omit: ['secret'] }, 'moving'],
  })
})
afterAll(() => stage?.stop())

const places = (table: string) =>
  stage.query<{ id: string }>(
    `select id from (select id, _seq from ${table} union all select id, _seq from holdfast_public.${table}) f order by _seq`,
  )

test('documents, tombstones and own revisions come in the order of the feed, each with its value', async () => {
  const remote = stage.remoteOf(ADA)
  await applied(remote, mutation('mixed', 'before', { value: { note: 'before' } }))
  const { origin, checkpoints } = await pullPage(remote, { mixed: null })
  for (let i = 0; i < 6; i++) {
    await applied(remote, mutation('mixed', `own${i}`, { value: { note: 'mine' } }))
    const hlc = nextHlc('cccccccccccccccc')
    await applied(remote, mutation('mixed', `theirs${i}`, { hlc, value: { note: `theirs ${i}` } }))
    await stage.query(`insert into mixed values ('gone${i}')`)
    await stage.query(`delete from mixed where id = 'gone${i}'`)
    await stage.query(`insert into mixed values ('foreign${i}', 'foreign ${i}')`)
    // A document made anew stands after its own tombstone.
    if (i === 3) await stage.query(`insert into mixed values ('gone3', 'again')`)
  }
  const asked = { origin, replica: REPLICA }
  const order = (await places('mixed')).map(({ id }) => id).filter((id) => id !== 'before')
  for (const limit of [500, 7, 2]) {
    const came = []
    let checkpoint = checkpoints.mixed ?? null
    for (let more = true; more; ) {
      const page = await pullPage(remote, { mixed: checkpoint }, { ...asked, limit })
      came.push(...page.changes)
      checkpoint = page.checkpoints.mixed ?? null
      more = page.hasMore
    }
    expect(came.map(({ id }) => id)).toEqual(order)
    for (const { id, value, own } of came) {
      expect(own, id).toBe(id.startsWith('own') ? true : undefined)
      if (id.startsWith('own')) expect(value, id).toBeNull()
      if (id.startsWith('theirs')) expect(value, id).toEqual({ id, note: id.replace('theirs', 'theirs ') })
      if (id.startsWith('foreign')) expect(value, id).toEqual({ id, note: id.replace('foreign', 'foreign ') })
    }
    expect(came.filter(({ id }) => id === 'gone3').map(({ value }) => value)).toEqual([
      null,
      { id: 'gone3', note: 'again' },
    ])
  }
})

test('columns may have the names that the pull itself uses', async () => {
  const remote = stage.remoteOf(ADA)
  const value = {
    last: 'l',
    count: 7,
    more: true,
    rows: 'r',
    columns: 'c',
    others: 'o',
    seq: '12',
    size: 5,
    upto: 'u',
    null: { deep: [null] },
    "it's": 'quoted',
  }
  const outcomes = await push(remote, [
    mutation('words', 'w1', { value }),
    mutation('words', 'w2', { value: { ...value, more: false } }),
    mutation('words', 'w3'),
  ])
  expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'applied'])
  const { changes, hasMore } = await pullPage(remote, { words: null }, { limit: 2 })
  expect(changes.map((change) => change.value)).toEqual([
    { id: 'w1', ...value },
    { id: 'w2', ...value, more: false },
  ])
  expect(hasMore).toBe(true)
})

test('a page is cut by what its documents are, not by what they are packed into', async () => {
  await stage.query(
    `insert into packed select 'big' || n, jsonb_build_object('text', repeat('x', 400000)) from generate_series(1, 25) n`,
  )
  const [packed] = await stage.query<{ most: number }>(`select max(pg_column_size(body)) as most from packed`)
  expect(packed?.most).toBeLessThan(40_000)
  const remote = stage.remoteOf(ADA)
  let checkpoint: string | null = null
  const sizes: number[] = []
  for (let more = true; more; ) {
    const page = await pullPage(
      remote,
      { packed: checkpoint },
      { origin: (await pullPage(remote, {})).origin },
    )
    sizes.push(page.changes.length)
    checkpoint = page.checkpoints.packed ?? null
    more = page.hasMore
  }
  expect(sizes).toEqual([10, 10, 5])
})

test('a pull asks for no right to columns that are left out', async () => {
  await stage.query(`insert into partly values ('p1', 'shown')`)
  await stage.query(`grant select on holdfast_public.partly to authenticated`)
  const { changes } = await pullPage(stage.remoteOf(ADA), { partly: null })
  expect(changes.map((change) => change.value)).toEqual([{ id: 'p1', shown: 'shown' }])
})

test('a row that is written between the two reads of its page is further on in the feed', async () => {
  await stage.query(`insert into moving select 'm' || n, 'first' from generate_series(1, 5) n`)
  const reader = await stage.connect()
  const [page] = (await reader.query(`select * from holdfast.page('moving', 0, 1000000000, 3, null)`)).rows
  await stage.query(`update moving set note = 'second' where id = 'm2'`)
  const { rows } = await reader.query(`select r.rows from ${page.rows}(0, ${page.last}, null, false) r(rows)`)
  await reader.end()
  const [ids, , , , notes] = rows[0].rows
  expect([ids, notes]).toEqual([
    ['m1', 'm3'],
    ['first', 'first'],
  ])
  const remote = stage.remoteOf(ADA)
  const { origin } = await pullPage(remote, {})
  const rest = await pullPage(remote, { moving: page.last }, { origin })
  expect(rest.changes.map(({ id, value }) => [id, value?.note])).toEqual([
    ['m4', 'first'],
    ['m5', 'first'],
    ['m2', 'second'],
  ])
  const follower = follow(remote, 'moving')
  await follower.catchUp()
  expect(follower.documents.size).toBe(5)
})

test('an answer that was cut short by a row cap is refused, not taken for all there is', async () => {
  const cut: typeof fetch = async (input, init) => {
    const response = await stage.supabase.fetch(input, init)
    const rows = (await response.json()) as unknown[]
    return Response.json(rows.slice(0, -1))
  }
  await stage.query(`insert into mixed select 'many' || n from generate_series(1, 150) n`)
  for (const asked of [{ moving: null }, { mixed: null }, { mixed: null, moving: null }]) {
    await expect(pullPage(stage.remoteOf(ADA, { fetch: cut }), asked)).rejects.toMatchObject({
      code: 'protocol',
    })
  }
})

test('small pages and large ones come in one answer, each under its own table', async () => {
  const remote = stage.remoteOf(ADA)
  await stage.query(`insert into moving select 'late' || n, 'late' from generate_series(1, 120) n`)
  const page = await pullPage(
    remote,
    { words: null, moving: null, packed: null, mixed: null },
    { limit: 4000 },
  )
  for (const table of ['words', 'moving', 'packed', 'mixed']) {
    const alone = await pullPage(remote, { [table]: null }, { limit: 1000 })
    expect(page.changes.filter(({ collection }) => collection === table)).toEqual(alone.changes)
  }
})
