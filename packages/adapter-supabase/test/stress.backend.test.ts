import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADA, follow, mutation, openStage, push, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ sql: 'create table notes (id text primary key, body text);', tables: ['notes'] })
})
afterAll(() => stage.stop())

const WRITERS = 12
const SECONDS = 4

test('12 writers at once: a follower misses nothing, a plain sequence cursor does', async () => {
  const until = performance.now() + SECONDS * 1000
  const written = new Set<string>()
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    const remote = stage.remoteOf(ADA)
    const client = await stage.connect()
    for (let round = 0; performance.now() < until; round++) {
      const ids = Array.from({ length: 3 }, (_, i) => `w${writer}-${round}-${i}`)
      if (writer % 3 === 0) {
        const outcomes = await push(
          remote,
          ids.map((id) => mutation('notes', id, { value: { body: 'pushed' } })),
        )
        if (outcomes.some(({ kind }) => kind !== 'applied')) throw new Error('push failed')
      } else {
        await client.query('begin')
        for (const id of ids) await client.query('insert into notes (id) values ($1)', [id])
        await client.query('commit')
      }
      for (const id of ids) written.add(id)
    }
    await client.end()
  })
  let finished = false
  const all = Promise.all(writers).finally(() => {
    finished = true
  })

  const ours = follow(stage.remoteOf(ADA), 'notes', 200)
  const oursDone = (async () => {
    while (!finished) await ours.catchUp()
    await ours.catchUp()
  })()

  const plainSaw = new Set<string>()
  const plainDone = (async () => {
    const client = await stage.connect()
    let cursor = '0'
    const look = async () => {
      const { rows } = await client.query('select id, _seq from notes where _seq > $1 order by _seq', [
        cursor,
      ])
      for (const row of rows) plainSaw.add(row.id)
      cursor = rows.at(-1)?._seq ?? cursor
    }
    while (!finished) await look()
    await look()
    await client.end()
  })()

  await Promise.all([all, oursDone, plainDone])
  expect(written.size).toBeGreaterThan(500)
  expect([...written].filter((id) => !ours.documents.has(id))).toEqual([])
  expect([...written].filter((id) => !plainSaw.has(id)).length).toBeGreaterThan(0)
  const [places] = await stage.query<{ own: boolean }>(
    'select count(distinct _seq) = count(*) as own from notes',
  )
  expect(places).toEqual({ own: true })
})
