import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import type { PushMutation } from '@holdfast/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseDocument } from '../src/document-item.ts'
import { itemSize, MAX_ITEM_BYTES } from '../src/item-size.ts'
import { documentKey } from '../src/keys.ts'
import { Follower, mutation, push, startTable } from './backend.ts'

let table: Awaited<ReturnType<typeof startTable>>
beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table?.stop())

let spaces = 0
const fresh = () => table.open({ space: `space ${++spaces}` })
const kinds = (outcomes: readonly { kind: string }[]) => outcomes.map(({ kind }) => kind)

/** A mutation whose document takes `bytes` as JSON. */
function sized(id: string, bytes: number, options: Partial<PushMutation> = {}): PushMutation {
  const room = bytes - JSON.stringify({ id, text: '' }).length
  // Characters of two bytes, and one of one byte if the room is odd.
  return mutation(id, { ...options, value: { id, text: 'é'.repeat(room >> 1) + 'x'.repeat(room & 1) } })
}

test('a document of the largest size is applied, one byte more is rejected by name, and its neighbours go on', async () => {
  const remote = fresh()
  const most = remote.capabilities.maxDocumentBytes
  const outcomes = await push(
    remote,
    mutation('before'),
    sized('largest', most),
    sized('over', most + 1),
    mutation('after'),
  )
  expect(outcomes).toMatchObject([
    { kind: 'applied' },
    { kind: 'applied' },
    { kind: 'rejected', reason: 'too_large' },
    { kind: 'applied' },
  ])
  const reader = new Follower(remote)
  await reader.catchUp()
  expect([...reader.versions.keys()]).toEqual(['notes/after', 'notes/before', 'notes/largest'])
})

test('the largest size is what an item of exactly 400 KB leaves, with the longest ids, after any number of edits', async () => {
  const remote = fresh()
  const most = remote.capabilities.maxDocumentBytes
  const longest = 'i'.repeat(1_024 - documentKey('notes', '').length)
  let base: string | null = null
  for (let i = 0; i < 9; i++) {
    const next = sized(longest, most, { base, id: String(i).repeat(64) })
    expect(kinds(await push(remote, next))).toEqual(['applied'])
    base = next.id
  }
  const { Item = {} } = await table.client.send(
    new GetItemCommand({
      TableName: table.tableName,
      Key: { pk: { S: `space ${spaces}` }, sk: { S: documentKey('notes', longest) } },
    }),
  )
  // The number of the transaction is short; the rule keeps room for the longest.
  const grown = String(Number.MAX_SAFE_INTEGER).length - String(parseDocument(Item).number).length
  expect(itemSize(Item) + grown).toBe(MAX_ITEM_BYTES)
})

test('99 documents and 5 MB go in one push, over several transactions', async () => {
  const remote = fresh()
  const many = Array.from({ length: 99 }, (_, i) => mutation(`n${i}`))
  const large = Array.from({ length: 14 }, (_, i) => sized(`l${i}`, 380_000))
  expect(new Set(kinds(await push(remote, ...many, ...large)))).toEqual(new Set(['applied']))
  const reader = new Follower(remote)
  await reader.catchUp()
  expect(reader.versions.size).toBe(113)
})

test('mutations of one document in one push take effect in order', async () => {
  const remote = fresh()
  const first = mutation('a')
  const second = mutation('a', { base: first.id })
  const third = mutation('a', { base: second.id, value: null })
  const reader = new Follower(remote)
  await reader.catchUp()
  expect(kinds(await push(remote, first, mutation('b'), second, third))).toEqual(Array(4).fill('applied'))
  await reader.catchUp()
  expect(reader.versions.get('notes/a')).toMatchObject({ rev: third.id, value: null })
})

test('a group takes effect whole or not at all', async () => {
  const remote = fresh()
  const a = mutation('a')
  await push(remote, a)
  const outcomes = await push(
    remote,
    mutation('b', { group: 'g' }),
    mutation('a', { base: 'old', group: 'g' }),
    mutation('c'),
  )
  expect(outcomes).toMatchObject([
    { kind: 'retry', reason: 'group' },
    { kind: 'conflict', current: { rev: a.id } },
    { kind: 'applied' },
  ])
  const reader = new Follower(remote)
  await reader.catchUp()
  expect([...reader.versions.keys()]).toEqual(['notes/a', 'notes/c'])
})

test('a group waits for the member that is refused unsent', async () => {
  const remote = fresh()
  const outcomes = await push(
    remote,
    mutation('a', { group: 'g' }),
    sized('over', remote.capabilities.maxDocumentBytes + 1, { group: 'g' }),
    mutation('b'),
  )
  expect(outcomes).toMatchObject([
    { kind: 'retry', reason: 'group' },
    { kind: 'rejected', reason: 'too_large' },
    { kind: 'applied' },
  ])
})

test('a group of 98 documents is one transaction, a larger one is rejected', async () => {
  const remote = fresh()
  const group = (name: string, size: number) =>
    Array.from({ length: size }, (_, i) => mutation(`${name}${i}`, { group: name }))
  expect(new Set(kinds(await push(remote, mutation('alone'), ...group('g', 98))))).toEqual(
    new Set(['applied']),
  )
  const refused = await push(remote, ...group('h', 99))
  expect(new Set(refused.map((each) => each.kind === 'rejected' && each.reason))).toEqual(
    new Set(['group_too_large']),
  )
})

test('a group that changes one document twice leaves the last version, and both are known', async () => {
  const remote = fresh()
  const first = mutation('a', { group: 'g' })
  const second = mutation('a', { base: first.id, group: 'g' })
  const other = mutation('b', { group: 'g' })
  expect(kinds(await push(remote, first, second, other))).toEqual(Array(3).fill('applied'))
  const third = mutation('a', { base: second.id })
  const fourth = mutation('a', { base: third.id, group: 'h' })
  const fifth = mutation('a', { base: fourth.id, group: 'h' })
  expect(kinds(await push(remote, third, fourth, fifth))).toEqual(Array(3).fill('applied'))
  for (const outcome of await push(remote, first, second, third, fourth, fifth)) {
    expect(outcome).toMatchObject({
      kind: 'duplicate',
      current: { rev: fifth.id, recent: [first, second, third, fourth, fifth].map(({ id }) => id) },
    })
  }
})

test('ids that DynamoDB cannot hold are rejected by name', async () => {
  const remote = fresh()
  const outcomes = await push(
    remote,
    mutation('x'.repeat(1_025)),
    mutation('\ud800'),
    mutation(''),
    mutation('a', { value: { id: 'b' } }),
    mutation('ok', { hlc: 'yesterday' }),
    mutation('ok', { id: 'x'.repeat(65) }),
  )
  expect(outcomes.map((each) => each.kind === 'rejected' && each.reason)).toEqual([
    'invalid_id',
    'invalid_id',
    'invalid_id',
    'invalid_id',
    'invalid_mutation',
    'invalid_mutation',
  ])
})

test('separators in names do not mix up documents', async () => {
  const remote = fresh()
  const one = mutation('b#c', { collection: 'a' })
  const two = mutation('c', { collection: 'a#b' })
  const three = mutation('c', { collection: 'a%23b' })
  expect(kinds(await push(remote, one, two, three))).toEqual(Array(3).fill('applied'))
  const reader = new Follower(remote, ['a', 'a#b', 'a%23b'])
  await reader.catchUp()
  expect(reader.revisions()).toEqual({ 'a/b#c': one.id, 'a#b/c': two.id, 'a%23b/c': three.id })
})

test('a body is any JSON: deep, with empty names, huge numbers, NUL and words that DynamoDB reserves', async () => {
  const remote = fresh()
  let deep: object = {}
  for (let i = 0; i < 100; i++) deep = { size: deep }
  const value = {
    id: 'a',
    '': [],
    data: 1e300,
    hash: 5e-324,
    big: 2 ** 60,
    nul: '\0',
    empty: '',
    deep: deep as never,
  }
  const reader = new Follower(remote)
  await reader.catchUp()
  expect(kinds(await push(remote, mutation('a', { value })))).toEqual(['applied'])
  await reader.catchUp()
  expect(reader.versions.get('notes/a')?.value).toEqual(value)
})
