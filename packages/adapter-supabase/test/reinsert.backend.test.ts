import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADA, mutation, openStage, push, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ sql: 'create table notes (id text primary key, text text);', tables: ['notes'] })
})
afterAll(() => stage?.stop())

test('an upsert that waited for a delete makes a version after the tombstone, and knows what was applied before', async () => {
  const pushed = mutation('notes', 'a', { value: { text: 'pushed' } })
  await push(stage.remoteOf(ADA), [pushed])
  const [deleter, writer] = [await stage.connect(), await stage.connect()]
  try {
    await deleter.query('begin')
    await deleter.query(`delete from notes where id = 'a'`)
    const [backend] = (await writer.query<{ pid: number }>('select pg_backend_pid() as pid')).rows
    const upsert = writer.query(
      `insert into notes (id, text) values ('a', 'again') on conflict (id) do update set text = excluded.text`,
    )
    for (;;) {
      const [blocked] = await stage.query<{ n: number }>('select cardinality(pg_blocking_pids($1)) as n', [
        backend?.pid,
      ])
      if ((blocked?.n ?? 0) > 0) break
    }
    await deleter.query('commit')
    await upsert
  } finally {
    await deleter.end()
    await writer.end()
  }
  const [row] = await stage.query<{ later: boolean; placed: boolean; _recent: string[] }>(
    `select n._hlc > d._hlc as later, n._seq > d._seq as placed, n._recent
     from notes n join holdfast_public.notes d using (id)`,
  )
  expect(row).toMatchObject({ later: true, placed: true })
  expect(row?._recent).toContain(pushed.id)
})
