import { afterAll, beforeAll, expect, test } from 'vitest'
import { supabaseMigration } from '../src/install.ts'
import { ADA, applied, mutation, openStage, pullPage, runSql, type Stage } from './stage.ts'

const WIDE = 230
const TABLES = ['wide', 'bare', 'odd']

let stage: Stage
beforeAll(async () => {
  const columns = Array.from({ length: WIDE }, (_, i) => `c${i} ${i % 3 === 0 ? 'bigint' : 'text'}`).join(
    ', ',
  )
  stage = await openStage({
    sql: `create table wide (${columns}, id text primary key);
      create table bare (id text primary key);
      create table odd (id text primary key, "__proto__" text, "toString" text);`,
    tables: TABLES,
  })
})
afterAll(() => stage?.stop())

test('a table of more columns than a function takes arguments comes whole', async () => {
  const value: Record<string, string> = {}
  for (let i = 0; i < WIDE; i += 2) value[`c${i}`] = String(i)
  await applied(stage.remoteOf(ADA), mutation('wide', 'w', { value }))
  const { changes } = await pullPage(stage.remoteOf(ADA), { wide: null })
  expect(changes.map((change) => change.value)).toEqual([{ id: 'w', ...value }])
})

test('a table of an id alone gives documents, tombstones and own revisions', async () => {
  const remote = stage.remoteOf(ADA)
  const before = await pullPage(remote, { bare: null })
  const rev = await applied(remote, mutation('bare', 'kept'))
  await applied(remote, mutation('bare', 'gone'))
  await stage.query(`delete from bare where id = 'gone'`)
  const { changes, origin } = await pullPage(remote, { bare: null })
  expect(changes).toMatchObject([
    { id: 'kept', rev, value: { id: 'kept' } },
    { id: 'gone', value: null },
  ])
  const [own] = (
    await pullPage(
      remote,
      { bare: before.checkpoints.bare ?? null },
      { origin, replica: changes[0]?.hlc.slice(-16) ?? '' },
    )
  ).changes
  expect(own).toMatchObject({ id: 'kept', rev, value: null, own: true })
})

test('a column whose name means something to JavaScript is a field like any other', async () => {
  await stage.query(`insert into odd values ('o', 'x', 'y')`)
  const { changes } = await pullPage(stage.remoteOf(ADA), { odd: null })
  const value = changes[0]?.value ?? {}
  expect(Object.getOwnPropertyNames(value).sort()).toEqual(['__proto__', 'id', 'toString'])
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
})

test('a page that ends with the feed says so, however many it was to hold', async () => {
  await stage.query(`delete from odd`)
  await stage.query(`insert into odd select 'p' || n from generate_series(1, 5) n`)
  const remote = stage.remoteOf(ADA)
  const sizes: [number, boolean][] = []
  for (const limit of [5, 6, 7]) {
    const { changes, hasMore } = await pullPage(remote, { odd: null }, { limit })
    sizes.push([changes.length, hasMore])
  }
  // Five rows and the tombstone of the one that stood here before.
  expect(sizes).toEqual([
    [5, true],
    [6, false],
    [6, false],
  ])
})

test('the migration takes the place of one whose pages had another form', async () => {
  const page = 'page(hf_table text, hf_after bigint, hf_upto bigint, hf_most int, hf_replica text)'
  const own = 'bare_page(hf_after bigint, hf_upto bigint, hf_most int, hf_replica text)'
  for (const [schema, name] of [
    ['holdfast', page],
    ['holdfast_public', own],
  ]) {
    await stage.query(`drop function ${schema}.${name?.replaceAll(/\w+ (\w+)(?=[,)])/g, '$1')}`)
    await stage.query(`create function ${schema}.${name} returns json language sql as 'select null::json'`)
  }
  await runSql(stage.supabase.databaseUrl, supabaseMigration({ tables: TABLES }))
  const { changes } = await pullPage(stage.remoteOf(ADA), { bare: null })
  expect(changes.map(({ id }) => id)).toContain('kept')
})
