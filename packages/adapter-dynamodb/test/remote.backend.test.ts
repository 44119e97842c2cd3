import type { RemoteStore } from '@holdfast/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSpace } from '../src/dynamodb.ts'
import { PROTOCOL } from '../src/space.ts'
import { Follower, mutation, OTHER, push, REPLICA, signal, startTable } from './backend.ts'

let table: Awaited<ReturnType<typeof startTable>>
beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table?.stop())

let spaces = 0
const fresh = () => table.open({ space: `space ${++spaces}` })

test('what one client pushes another pulls, and a deletion too', async () => {
  const remote = fresh()
  const a = mutation('a')
  const b = mutation('b')
  expect(await push(remote, a, b)).toEqual([
    { kind: 'applied', rev: a.id, hlc: a.hlc },
    { kind: 'applied', rev: b.id, hlc: b.hlc },
  ])
  const reader = new Follower(remote)
  await reader.catchUp()
  expect(reader.versions.get('notes/a')).toEqual({ rev: a.id, hlc: a.hlc, value: a.value })
  const gone = mutation('a', { base: a.id, value: null })
  const edit = mutation('b', { base: b.id })
  await push(remote, gone, edit)
  await reader.catchUp()
  expect(reader.versions.get('notes/a')?.value).toBe(null)
  expect(reader.revisions()).toEqual({ 'notes/a': gone.id, 'notes/b': edit.id })
  expect(reader.resets).toEqual([])
})

test('a mutation on an old base conflicts and shows what stands', async () => {
  const remote = fresh()
  const first = mutation('a')
  const second = mutation('a', { base: first.id })
  const late = mutation('a', { base: first.id })
  expect((await push(remote, first, second)).map(({ kind }) => kind)).toEqual(['applied', 'applied'])
  expect(await push(remote, late, mutation('x', { base: 'nothing' }), mutation('a'))).toEqual([
    {
      kind: 'conflict',
      current: { rev: second.id, hlc: second.hlc, value: second.value, recent: [first.id, second.id] },
    },
    { kind: 'conflict', current: null },
    expect.objectContaining({ kind: 'conflict' }),
  ])
})

test('a mutation sent again is a duplicate, also after others wrote on top', async () => {
  const remote = fresh()
  const chain = [mutation('a')]
  for (let i = 0; i < 7; i++) chain.push(mutation('a', { base: chain[i]?.id ?? null }))
  await push(remote, ...chain)
  const last = chain[7]
  const again = await push(remote, ...chain)
  for (const outcome of again)
    expect(outcome).toMatchObject({ kind: 'duplicate', current: { rev: last?.id } })
  const ninth = mutation('a', { base: last?.id ?? null })
  expect(await push(remote, ninth)).toMatchObject([{ kind: 'applied' }])
  expect((await push(remote, ...chain)).map(({ kind }) => kind)).toEqual([
    'conflict',
    ...Array(7).fill('duplicate'),
  ])
})

test('a timestamp that is not greater than its base meets a conflict', async () => {
  const remote = fresh()
  const early = mutation('a')
  const first = mutation('a')
  await push(remote, first)
  expect(await push(remote, { ...early, base: first.id })).toMatchObject([
    { kind: 'conflict', current: { rev: first.id, hlc: first.hlc } },
  ])
})

test('a space that nothing was written to has an origin that stays', async () => {
  const remote = fresh()
  const request = { checkpoints: { notes: null }, origin: null, limit: 10, replica: OTHER, signal }
  const page = await remote.pull(request)
  expect(page).toMatchObject({ changes: [], hasMore: false })
  const again = await remote.pull({ ...request, checkpoints: page.checkpoints, origin: page.origin })
  expect(again).toMatchObject({ changes: [], hasMore: false, origin: page.origin })
  expect(again.reset).toBeUndefined()
})

test('pages end where the limit says, and together they are everything, once', async () => {
  const remote = fresh()
  const all = Array.from({ length: 250 }, (_, i) => mutation(`doc-${i}`))
  await push(remote, ...all)
  for (const beginner of [remote, scanning()]) {
    const reader = new Follower(beginner)
    await reader.catchUp({ limit: 60 })
    expect(reader.versions.size).toBe(250)
  }
  const follower = new Follower(remote)
  await follower.catchUp()
  await push(remote, ...all.map((each) => mutation(each.documentId, { base: each.id })))
  await follower.catchUp({ limit: 60 })
  expect(follower.pages.flatMap((page) => page.changes).length).toBe(250)
  expect(follower.pages.length).toBeGreaterThan(2)
})

test.each([true, false])('each collection has a position of its own (scanning: %s)', async (scans) => {
  const remote = fresh()
  const reading = scans ? scanning() : remote
  const notes = new Follower(reading, ['notes'])
  await push(remote, mutation('a'))
  await notes.catchUp()
  await push(
    remote,
    mutation('b'),
    mutation('t', { collection: 'tasks' }),
    mutation('o', { collection: 'other' }),
  )
  const both = new Follower(reading, ['notes', 'tasks'])
  await both.catchUp()
  await notes.catchUp()
  expect(Object.keys(notes.revisions())).toEqual(['notes/a', 'notes/b'])
  expect(Object.keys(both.revisions())).toEqual(['notes/a', 'notes/b', 'tasks/t'])
})

test.each([true, false])(
  'the own values are left out, but never from the beginning (scanning: %s)',
  async (scans) => {
    const remote = fresh()
    const reader = new Follower(scans ? scanning() : remote)
    await push(remote, mutation('a'))
    await reader.catchUp({ replica: REPLICA })
    expect(reader.pages[0]?.changes[0]).not.toHaveProperty('own')
    await push(remote, mutation('b'), mutation('c', { replica: OTHER }))
    await reader.catchUp({ replica: REPLICA })
    expect(reader.pages[0]?.changes).toMatchObject([
      { id: 'b', own: true, value: null },
      { id: 'c', value: { id: 'c' } },
    ])
    await push(remote, mutation('a', { base: reader.versions.get('notes/a')?.rev ?? null, value: null }))
    await reader.catchUp({ replica: REPLICA })
    expect(reader.pages[0]?.changes).toMatchObject([{ id: 'a', value: null }])
    expect(reader.pages[0]?.changes[0]).not.toHaveProperty('own')
  },
)

test('a document over 1 KB comes by reference', async () => {
  const remote = fresh()
  const reader = new Follower(remote)
  await push(remote, mutation('small'))
  await reader.catchUp()
  const large = mutation('large', { value: { id: 'large', text: 'x'.repeat(2_000) } })
  await push(remote, large)
  await reader.catchUp()
  expect(reader.versions.get('notes/large')?.value).toEqual(large.value)
})

/** A client whose bootstraps scan, also where the log alone would do. */
function scanning(): RemoteStore {
  const { client, tableName } = table
  return openSpace({ client, tableName, space: `space ${spaces}` }, { ...PROTOCOL, replay: false })
}

test.each([1, 3, 500])('a scan ends with the latest version, also in pages of %i', async (limit) => {
  const remote = fresh()
  const a = [mutation('a')]
  for (let i = 0; i < 5; i++) a.push(mutation('a', { base: a[i]?.id ?? null }))
  for (const each of a) await push(remote, each)
  await push(remote, mutation('b'), mutation('c'), mutation('d'))
  const reader = new Follower(scanning())
  await reader.catchUp({ limit })
  expect(reader.versions.get('notes/a')?.rev).toBe(a[5]?.id)
  // Nothing that the scan delivered comes again from the log.
  expect(reader.pages.flatMap((page) => page.changes).length).toBe(4)
})

test('a scan that goes on at another client ends with the latest version too', async () => {
  const remote = fresh()
  const first = mutation('a')
  const second = mutation('a', { base: first.id })
  for (const each of [first, mutation('b'), second, mutation('c')]) await push(remote, each)
  const ask = { origin: null, limit: 3, replica: OTHER, signal }
  const page = await scanning().pull({ ...ask, checkpoints: { notes: null } })
  const other = scanning()
  const changes = [...page.changes]
  let last = page
  while (last.hasMore) {
    last = await other.pull({ ...ask, checkpoints: { notes: last.checkpoints.notes ?? null } })
    changes.push(...last.changes)
  }
  expect(changes.filter(({ id }) => id === 'a').at(-1)?.rev).toBe(second.id)
  expect(new Set(changes.map(({ id }) => id))).toEqual(new Set(['a', 'b', 'c']))
})
