import { DeleteItemCommand, type QueryCommandInput, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { PullPage, PullRequest, RemoteStore } from '@holdfast/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSpace } from '../src/dynamodb.ts'
import { documentKey, HEAD_KEY, logKey } from '../src/keys.ts'
import { PROTOCOL, type ProtocolRules } from '../src/space.ts'
import { clientOf, Follower, mutation, OTHER, push, REPLICA, signal, startTable } from './backend.ts'

let table: Awaited<ReturnType<typeof startTable>>
beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table?.stop())

let spaces = 0
/** A space, and what was asked of DynamoDB for it. */
function fresh(rules: Partial<ProtocolRules> = {}) {
  const space = `space ${++spaces}`
  const client = clientOf(table.endpoint)
  const asked: string[] = []
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const { ExpressionAttributeValues: values = {} } = args.input as QueryCommandInput
        if (commandName === 'QueryCommand') asked.push(':prefix' in values ? 'scan' : 'log')
        else if (commandName !== 'DescribeTableCommand') asked.push(commandName.replace('Command', ''))
        return next(args)
      },
    { step: 'initialize' },
  )
  const { tableName } = table
  const Key = (sk: string) => ({ pk: { S: space }, sk: { S: sk } })
  const open = (): RemoteStore => openSpace({ client, tableName, space }, { ...PROTOCOL, ...rules })
  return {
    open,
    /** For pushes, which are not counted. */
    direct: table.open({ space }),
    takeAsked: () => asked.splice(0),
    remove: (sk: string) => client.send(new DeleteItemCommand({ TableName: tableName, Key: Key(sk) })),
    setHead: (name: string, value: { N: string } | { S: string }) =>
      client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: Key(HEAD_KEY),
          UpdateExpression: 'SET #a = :a',
          ExpressionAttributeNames: { '#a': name },
          ExpressionAttributeValues: { ':a': value },
        }),
      ),
  }
}

const request: PullRequest = {
  checkpoints: { notes: null },
  origin: null,
  limit: 500,
  replica: OTHER,
  signal,
}

/** The pages of one reader, until there is no more. */
async function pagesOf(remote: RemoteStore, ask: PullRequest = request): Promise<PullPage[]> {
  const pages: PullPage[] = []
  let { checkpoints, origin } = ask
  for (;;) {
    const page = await remote.pull({ ...ask, checkpoints, origin })
    pages.push(page)
    if (!page.hasMore) return pages
    checkpoints = { ...checkpoints, ...page.checkpoints }
    origin = page.origin
  }
}

/** The revisions of a document in the order in which they were told. */
const told = (pages: readonly PullPage[], id: string) =>
  pages.flatMap(({ changes }) => changes.filter((each) => each.id === id).map(({ rev }) => rev))

const large = (id: string, options: { base?: string } = {}) =>
  mutation(id, { ...options, value: { id, text: 'x'.repeat(2_000) } })

test('a young space is read from its log alone, each document once', async () => {
  const { open, direct, takeAsked } = fresh()
  for (const id of ['a', 'b', 'c']) await push(direct, mutation(id), mutation(`${id}2`))
  const reader = new Follower(open())
  await reader.catchUp()
  expect(takeAsked()).toEqual(['GetItem', 'log'])
  expect(reader.pages.flatMap(({ changes }) => changes.map(({ id }) => id))).toEqual([
    'a',
    'a2',
    'b',
    'b2',
    'c',
    'c2',
  ])
  await push(direct, mutation('d'))
  await reader.catchUp()
  expect(takeAsked()).toEqual(['log'])
  expect(reader.versions.size).toBe(7)
  expect(reader.resets).toEqual([])
})

test.each([1, 2, 500])(
  'versions come in their order, and deletions too, in pages of %i, also of a client that goes on for another',
  async (limit) => {
    const { open, direct } = fresh()
    const a = [mutation('a')]
    for (let i = 0; i < 5; i++) a.push(mutation('a', { base: a[i]?.id ?? null }))
    const b = mutation('b')
    const gone = mutation('b', { base: b.id, value: null })
    for (const each of [...a.slice(0, 2), b, ...a.slice(2, 4), gone, ...a.slice(4)]) await push(direct, each)
    const pages: PullPage[] = []
    let ask = { ...request, limit }
    for (;;) {
      // A client of its own for every page: all that it needs is in the checkpoint.
      const page = await open().pull(ask)
      pages.push(page)
      if (!page.hasMore) break
      ask = { ...ask, checkpoints: page.checkpoints, origin: page.origin }
    }
    const versions = told(pages, 'a')
    expect(versions).toEqual(a.map(({ id }) => id).filter((id) => versions.includes(id)))
    expect(versions.at(-1)).toBe(a[5]?.id)
    const changes = pages.flatMap((page) => page.changes)
    expect(changes.filter(({ id }) => id === 'b').at(-1)).toMatchObject({ rev: gone.id, value: null })
  },
)

test('own values are never left out of a replay, and are after it', async () => {
  const { open, direct } = fresh()
  for (const id of ['a', 'b', 'c']) await push(direct, mutation(id))
  const pages = await pagesOf(open(), { ...request, limit: 1, replica: REPLICA })
  const changes = pages.flatMap((page) => page.changes)
  expect(changes).toMatchObject(['a', 'b', 'c'].map((id) => ({ id, value: { id } })))
  await push(direct, mutation('d'))
  const { checkpoints, origin } = pages.at(-1) as PullPage
  const next = await open().pull({ ...request, checkpoints, origin, replica: REPLICA })
  expect(next.changes).toMatchObject([{ id: 'd', own: true }])
})

test('a collection that is added later is replayed, and the others miss nothing meanwhile', async () => {
  const { open, direct, takeAsked } = fresh()
  const task = (id: string) => mutation(id, { collection: 'tasks' })
  await push(direct, mutation('a'), task('t'))
  const first = await open().pull(request)
  await push(direct, task('u'))
  await push(direct, mutation('b'))
  takeAsked()
  const checkpoints = { ...first.checkpoints, tasks: null }
  const pages = await pagesOf(open(), { ...request, checkpoints, origin: first.origin, limit: 1 })
  expect(takeAsked()).not.toContain('scan')
  expect(pages.flatMap(({ changes }) => changes.map(({ id }) => id))).toEqual(['t', 'u', 'b'])
  expect(pages.flatMap(({ reset = [] }) => reset)).toEqual([])
})

test('a log whose first item is gone is told at once, and the documents are scanned', async () => {
  const { open, direct, takeAsked, remove } = fresh()
  await push(direct, mutation('a'))
  await push(direct, mutation('b'))
  await remove(logKey(1))
  takeAsked()
  const reader = new Follower(open())
  await reader.catchUp()
  expect(takeAsked().slice(0, 3)).toEqual(['GetItem', 'log', 'scan'])
  expect([...reader.versions.keys()]).toEqual(['notes/a', 'notes/b'])
  expect(reader.resets).toEqual([])
})

test('a wrong variant is caught: a replay of whatever the log still has', async () => {
  const { open, direct, remove } = fresh({ replayWhole: false })
  await push(direct, mutation('a'))
  await push(direct, mutation('b'))
  await remove(logKey(1))
  const reader = new Follower(open())
  await reader.catchUp()
  expect([...reader.versions.keys()]).toEqual(['notes/b'])
})

/**
 * What a new reader lacks or has too much after an operator put an older state back, and gave the head
 * another epoch. The log is longer than what a scan is followed by.
 */
async function seenAfterRestore(rules: Partial<ProtocolRules>) {
  const { open, direct, remove, setHead, takeAsked } = fresh({ ...rules, overlap: 1 })
  await push(direct, ...Array.from({ length: 98 }, (_, i) => mutation(`n${i}`)))
  await push(direct, mutation('last'))
  await remove(documentKey('notes', 'n5'))
  await setHead('epoch', { S: 'restored' })
  takeAsked()
  const reader = new Follower(open())
  await reader.catchUp()
  return { seen: reader.versions.has('notes/n5'), asked: takeAsked().slice(0, 3), size: reader.versions.size }
}

test('a log of an earlier epoch is not replayed', async () => {
  const { seen, asked, size } = await seenAfterRestore({})
  expect(seen).toBe(false)
  expect(size).toBe(98)
  expect(asked).toEqual(['GetItem', 'log', 'scan'])
})

test('a wrong variant is caught: a replay of an earlier epoch', async () => {
  expect((await seenAfterRestore({ oneEpoch: false })).seen).toBe(true)
})

test('a log item that is gone before the first page makes it a scan', async () => {
  const { open, direct, takeAsked, remove } = fresh()
  for (const id of ['a', 'b', 'c', 'd']) await push(direct, mutation(id))
  await remove(logKey(3))
  takeAsked()
  const reader = new Follower(open())
  await reader.catchUp()
  expect(takeAsked()).toContain('scan')
  expect(reader.versions.size).toBe(4)
  expect(reader.resets).toEqual([])
})

test('a log item that goes missing between two pages makes all begin again, once, by a scan', async () => {
  const { open, direct, takeAsked, remove } = fresh()
  for (const id of ['a', 'b', 'c', 'd', 'e']) await push(direct, mutation(id))
  const remote = open()
  const { checkpoints, origin, hasMore } = await remote.pull({ ...request, limit: 2 })
  expect(hasMore).toBe(true)
  await remove(logKey(3))
  takeAsked()
  const pages = await pagesOf(remote, { ...request, checkpoints, origin, limit: 2 })
  expect(takeAsked()).toContain('scan')
  expect(pages.flatMap(({ reset = [] }, i) => (reset.length > 0 ? [i] : []))).toEqual([0])
  expect(new Set(pages.flatMap(({ changes }) => changes.map(({ id }) => id)))).toEqual(
    new Set(['a', 'b', 'c', 'd', 'e']),
  )
})

test('a head that was set back behind where a replay was to end makes it begin again', async () => {
  const { open, direct, remove, setHead } = fresh()
  for (const id of ['a', 'b', 'c', 'd']) await push(direct, mutation(id))
  const remote = open()
  const { checkpoints, origin } = await remote.pull({ ...request, limit: 1 })
  for (const number of [3, 4]) await remove(logKey(number))
  await setHead('n', { N: '2' })
  const pages = await pagesOf(remote, { ...request, checkpoints, origin })
  expect(pages[0]?.reset).toEqual(['notes'])
  expect(new Set(pages.flatMap(({ changes }) => changes.map(({ id }) => id)))).toEqual(
    new Set(['a', 'b', 'c', 'd']),
  )
})

test('documents that the log only names are scanned, unless they are few', async () => {
  const few = fresh()
  await push(few.direct, large('large'), ...Array.from({ length: 20 }, (_, i) => mutation(`n${i}`)))
  const many = fresh()
  await push(many.direct, mutation('a'), large('large'))
  for (const [{ open, takeAsked }, size, how] of [
    [few, 21, ['GetItem', 'log', 'BatchGetItem']],
    [many, 2, ['GetItem', 'log', 'scan', 'log']],
  ] as const) {
    takeAsked()
    const reader = new Follower(open())
    await reader.catchUp()
    expect(takeAsked()).toEqual(how)
    expect(reader.versions.size).toBe(size)
    expect(reader.versions.get('notes/large')?.value).toMatchObject({ text: 'x'.repeat(2_000) })
  }
})

test('a long log is replayed only if its transactions were large', async () => {
  // Twice as many numbers as a scan would follow anyway.
  const rules = { overlap: 1 }
  const small = fresh(rules)
  for (const id of ['a', 'b']) await push(small.direct, mutation(id))
  const bulk = fresh(rules)
  const many = Array.from({ length: 98 }, (_, i) => mutation(`n${i}`))
  await push(bulk.direct, ...many)
  await push(bulk.direct, mutation('last'))
  for (const [{ open, takeAsked }, size, scans] of [
    [small, 2, true],
    [bulk, 99, false],
  ] as const) {
    takeAsked()
    const reader = new Follower(open())
    await reader.catchUp()
    expect(takeAsked().includes('scan')).toBe(scans)
    expect(reader.versions.size).toBe(size)
  }
})
