import {
  type AttributeValue,
  DeleteItemCommand,
  DeleteTableCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamoDb, installDynamoDb } from '../src/index.ts'
import { documentKey, HEAD_KEY, logKey } from '../src/keys.ts'
import { Follower, mutation, OTHER, push, signal, startTable } from './backend.ts'

let table: Awaited<ReturnType<typeof startTable>>
beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table?.stop())

let spaces = 0
function fresh() {
  const space = `space ${++spaces}`
  const remote = table.open({ space })
  const TableName = table.tableName
  const Key = (sk: string) => ({ pk: { S: space }, sk: { S: sk } })
  return {
    space,
    remote,
    put: (Item: Record<string, AttributeValue>) => table.client.send(new PutItemCommand({ TableName, Item })),
    remove: (sk: string) => table.client.send(new DeleteItemCommand({ TableName, Key: Key(sk) })),
    get: (sk: string) =>
      table.client.send(new GetItemCommand({ TableName, Key: Key(sk) })).then(({ Item }) => Item ?? {}),
    setHead: (name: string, value: { N: string } | { S: string } | { BOOL: boolean }) =>
      table.client.send(
        new UpdateItemCommand({
          TableName,
          Key: Key(HEAD_KEY),
          UpdateExpression: 'SET #a = :a',
          ExpressionAttributeNames: { '#a': name },
          ExpressionAttributeValues: { ':a': value },
        }),
      ),
  }
}

test('a log item says when it may go, and one a push keeps the log as it was', async () => {
  const { remote, get } = fresh()
  await push(remote, mutation('a'))
  const expires = Number((await get(logKey(1))).expires?.N)
  const inDays = (expires - Date.now() / 1_000) / 86_400
  expect(inDays).toBeGreaterThan(29.9)
  expect(inDays).toBeLessThan(30.1)
})

test('a follower whose next log items are gone begins again, once, and misses nothing', async () => {
  const { remote, remove } = fresh()
  const reader = new Follower(remote)
  await push(remote, mutation('a'))
  await reader.catchUp()
  for (const id of ['b', 'c', 'd']) await push(remote, mutation(id))
  await remove(logKey(3))
  await reader.catchUp()
  expect(reader.resets).toEqual(['notes'])
  expect([...reader.versions.keys()]).toEqual(['notes/a', 'notes/b', 'notes/c', 'notes/d'])
  await push(remote, mutation('e'))
  await reader.catchUp()
  expect(reader.resets).toEqual(['notes'])
  expect(reader.versions.size).toBe(5)
})

test('a follower whose whole log is gone begins again, also while nobody writes', async () => {
  const { remote, remove } = fresh()
  const reader = new Follower(remote)
  await push(remote, mutation('a'))
  await reader.catchUp()
  for (const id of ['b', 'c']) await push(remote, mutation(id))
  for (const number of [1, 2, 3]) await remove(logKey(number))
  await reader.catchUp()
  expect(reader.resets).toEqual(['notes'])
  expect([...reader.versions.keys()]).toEqual(['notes/a', 'notes/b', 'notes/c'])
  await reader.catchUp()
  expect(reader.pages).toMatchObject([{ changes: [], hasMore: false }])
  expect(reader.resets).toEqual(['notes'])
})

test('a space that was quiet until its log expired is followed without a reset', async () => {
  const { remote, remove } = fresh()
  const reader = new Follower(remote)
  for (const id of ['a', 'b', 'c']) await push(remote, mutation(id))
  await reader.catchUp()
  for (const number of [2, 1, 3]) await remove(logKey(number))
  await reader.catchUp()
  await push(remote, mutation('d'))
  await reader.catchUp()
  expect(reader.resets).toEqual([])
  expect(reader.versions.size).toBe(4)
})

test('a bootstrap steps over log items that expired before it, more of them than one look finds', async () => {
  const { remote, remove } = fresh()
  let base: string | null = null
  for (let i = 0; i < 40; i++) {
    const each = mutation('a', { base })
    await push(remote, each)
    base = each.id
  }
  for (let number = 1; number <= 35; number++) await remove(logKey(number))
  const reader = new Follower(remote)
  await reader.catchUp()
  await push(remote, mutation('b'))
  await reader.catchUp()
  expect(reader.resets).toEqual([])
  expect([...reader.versions.keys()]).toEqual(['notes/a', 'notes/b'])
})

test('another epoch voids the checkpoints, and everything comes again', async () => {
  const { remote, setHead } = fresh()
  const reader = new Follower(remote)
  await push(remote, mutation('a'))
  await reader.catchUp()
  await setHead('epoch', { S: 'another' })
  const writer = table.open({ space: `space ${spaces}` })
  await push(writer, mutation('b'))
  await reader.catchUp()
  expect(reader.resets).toEqual(['notes'])
  expect(reader.pages[0]?.origin.epoch).toBe('another')
  expect([...reader.versions.keys()]).toEqual(['notes/a', 'notes/b'])
})

test('what was put back to an older state is read as it stands, also where the log of the earlier epoch says more', async () => {
  const { remote, remove, setHead, get, put } = fresh()
  const first = mutation('a')
  const kept = mutation('kept')
  await push(remote, first, kept)
  const before = await get(documentKey('notes', 'a'))
  await push(remote, mutation('a', { base: first.id }), mutation('b'))
  // As an operator does who knows that the epoch has to change, and leaves number and log as they are.
  await put(before)
  await remove(documentKey('notes', 'b'))
  await setHead('epoch', { S: 'restored' })
  const reader = new Follower(remote)
  await reader.catchUp()
  expect(reader.revisions()).toEqual({ 'notes/a': first.id, 'notes/kept': kept.id })
})

test('an epoch that no checkpoint is of does not matter', async () => {
  const { remote } = fresh()
  await push(remote, mutation('a'))
  const request = { checkpoints: { notes: null }, origin: null, limit: 10, replica: OTHER, signal }
  const { origin } = await remote.pull(request)
  for (const checkpoints of [{ notes: null }, {}]) {
    const page = await remote.pull({ ...request, checkpoints, origin: { ...origin, epoch: 'earlier' } })
    expect(page.origin).toEqual(origin)
    expect(page.reset).toBeUndefined()
  }
})

test('a collection that begins does not hide from another that the log lost what that one has not seen', async () => {
  const { remote, remove } = fresh()
  const request = { checkpoints: { notes: null }, origin: null, limit: 10, replica: OTHER, signal }
  await push(remote, mutation('a'))
  const first = await remote.pull(request)
  for (const id of ['b', 'c', 'd']) await push(remote, mutation(id))
  // Away for longer than the log is kept; then the application is one version further.
  for (const number of [1, 2, 3]) await remove(logKey(number))
  const checkpoints = { notes: first.checkpoints.notes ?? null, tasks: null }
  const page = await remote.pull({ ...request, checkpoints, origin: first.origin })
  expect(page.reset).toEqual(['notes'])
  expect(page.changes.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
})

test('a log that was rewritten under the same numbers is noticed', async () => {
  const { remote, remove, setHead } = fresh()
  const reader = new Follower(remote)
  await push(remote, mutation('a'), mutation('b'))
  await push(remote, mutation('c'))
  await reader.catchUp()
  // As an operator who puts an older state back item by item, and keeps the epoch.
  await remove(logKey(2))
  await remove(documentKey('notes', 'c'))
  await setHead('n', { N: '1' })
  const writer = table.open({ space: `space ${spaces}` })
  await push(writer, mutation('d'))
  await reader.catchUp()
  expect(reader.resets).toEqual(['notes'])
  expect([...reader.versions.keys()]).toEqual(['notes/a', 'notes/b', 'notes/d'])
})

test('a table that was made anew is another remote', async () => {
  const tableName = 'made-anew'
  await installDynamoDb(table.client, { tableName })
  const open = () => dynamoDb({ client: table.client, tableName, space: 's' })
  const first = open()
  await push(first, mutation('a'))
  const request = { checkpoints: { notes: null }, origin: null, limit: 10, replica: OTHER, signal }
  const before = await first.pull(request)
  await table.client.send(new DeleteTableCommand({ TableName: tableName }))
  await expect(first.pull(request)).rejects.toMatchObject({ code: 'remote_not_installed' })
  await installDynamoDb(table.client, { tableName })
  const after = await open().pull({ ...request, checkpoints: before.checkpoints, origin: before.origin })
  expect(after.origin.remote).not.toBe(before.origin.remote)
  expect(after).toMatchObject({ changes: [], reset: ['notes'] })
})

test('a sealed space says where it moved, takes nothing, and is still read', async () => {
  const { remote, setHead } = fresh()
  await push(remote, mutation('a'))
  await setHead('sealed', { BOOL: true })
  await setHead('movedTo', { S: 'elsewhere' })
  for (const writer of [remote, table.open({ space: `space ${spaces}` })]) {
    await expect(push(writer, mutation('b'))).rejects.toMatchObject({
      code: 'moved',
      details: { movedTo: 'elsewhere' },
    })
  }
  const reader = new Follower(remote)
  await reader.catchUp()
  expect([...reader.versions.keys()]).toEqual(['notes/a'])
})

test('a head that was set back stops pushes instead of overwriting the log', async () => {
  const { remote, setHead } = fresh()
  await push(remote, mutation('a'))
  await push(remote, mutation('b'))
  await setHead('n', { N: '1' })
  await expect(push(table.open({ space: `space ${spaces}` }), mutation('c'))).rejects.toMatchObject({
    code: 'protocol',
  })
})

test('a layout that is not known stops the client', async () => {
  const { remote, setHead } = fresh()
  await push(remote, mutation('a'))
  await setHead('layout', { N: '2' })
  await expect(push(remote, mutation('b'))).rejects.toMatchObject({ code: 'protocol' })
  await expect(new Follower(remote).catchUp()).rejects.toMatchObject({ code: 'protocol' })
})

test('a document that was deleted around the push does not stop the feed', async () => {
  const { remote, remove } = fresh()
  const reader = new Follower(remote)
  await reader.catchUp()
  await push(
    remote,
    mutation('large', { value: { id: 'large', text: 'x'.repeat(2_000) } }),
    mutation('small'),
  )
  await remove(documentKey('notes', 'large'))
  await push(remote, mutation('next'))
  await reader.catchUp()
  expect([...reader.versions.keys()].sort()).toEqual(['notes/next', 'notes/small'])
})

test('a checkpoint that nobody wrote begins again', async () => {
  const { remote } = fresh()
  await push(remote, mutation('a'))
  const page = await remote.pull({
    checkpoints: { notes: 'nonsense' },
    origin: null,
    limit: 10,
    replica: OTHER,
    signal,
  })
  expect(page).toMatchObject({ reset: ['notes'], changes: [{ id: 'a' }] })
})

test('what is damaged is named, not passed on', async () => {
  const { remote, space } = fresh()
  await push(remote, mutation('a'))
  const reader = new Follower(remote)
  await reader.catchUp()
  await table.client.send(
    new PutItemCommand({
      TableName: table.tableName,
      Item: { pk: { S: space }, sk: { S: logKey(2) }, epoch: { S: 'x' }, entries: { S: '[[1]]' } },
    }),
  )
  await expect(reader.catchUp()).rejects.toMatchObject({ code: 'protocol', details: { number: 2 } })
})

test('a missing table and bad options have codes of their own', async () => {
  const absent = dynamoDb({ client: table.client, tableName: 'nowhere', space: 's' })
  await expect(push(absent, mutation('a'))).rejects.toMatchObject({ code: 'remote_not_installed' })
  await expect(new Follower(absent).catchUp()).rejects.toMatchObject({ code: 'remote_not_installed' })
  for (const space of ['', 'x'.repeat(2_049), '\ud800']) {
    expect(() => table.open({ space })).toThrow(expect.objectContaining({ code: 'invalid_options' }))
  }
})

test('a signal that fired cancels a call, also one that waits for its turn', async () => {
  const { remote } = fresh()
  const cancel = new AbortController()
  const first = push(remote, ...Array.from({ length: 90 }, (_, i) => mutation(`n${i}`)))
  const second = remote.push({ mutations: [mutation('a')], replica: OTHER, signal: cancel.signal })
  cancel.abort()
  await expect(second).rejects.toMatchObject({ code: 'aborted' })
  expect((await first).length).toBe(90)
  const request = {
    checkpoints: { notes: null },
    origin: null,
    limit: 10,
    replica: OTHER,
    signal: cancel.signal,
  }
  await expect(remote.pull(request)).rejects.toMatchObject({ code: 'aborted' })
})

test('installing twice changes nothing', async () => {
  await installDynamoDb(table.client, { tableName: table.tableName })
})
