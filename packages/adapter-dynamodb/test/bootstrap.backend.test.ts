import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentKey } from '../src/keys.ts'
import { Follower, mutation, push, startTable } from './backend.ts'

let table: Awaited<ReturnType<typeof startTable>>
beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table?.stop())

/** A remote that notes from which log item on it is asked. */
function watched(space: string) {
  const remote = table.open({ space })
  const asked: string[] = []
  table.client.middlewareStack.add(
    (next) => (args) => {
      const values = (args.input as { ExpressionAttributeValues?: Record<string, { S?: string }> })
        .ExpressionAttributeValues
      if (values?.[':pk']?.S === space && values[':from']?.S !== undefined) asked.push(values[':from'].S)
      return next(args)
    },
    { step: 'initialize', name: `watch ${space}` },
  )
  return { remote, asked }
}

async function written(space: string): Promise<void> {
  const remote = table.open({ space })
  for (let i = 0; i < 20; i++) await push(remote, mutation(`d${String(i).padStart(2, '0')}`))
}

test('a scan that held what the head counted follows the log from its last item on', async () => {
  await written('quiet')
  const { remote, asked } = watched('quiet')
  const reader = new Follower(remote)
  await reader.catchUp()
  expect(reader.versions.size).toBe(20)
  expect(asked).toEqual(['L#0000000000000020'])
  await push(table.open({ space: 'quiet' }), mutation('later'))
  await reader.catchUp()
  expect(reader.versions.size).toBe(21)
})

test.each(['a document that is missing', 'a document of an older version'])(
  'a scan with %s follows the log from well before, and so misses nothing',
  async (what) => {
    const space = `torn ${what}`
    await written(space)
    const Key = { pk: { S: space }, sk: { S: documentKey('notes', 'd07') } }
    await table.client.send(
      what.includes('missing')
        ? new DeleteItemCommand({ TableName: table.tableName, Key })
        : new UpdateItemCommand({
            TableName: table.tableName,
            Key,
            UpdateExpression: 'SET rev = :rev, n = :n, hlc = :hlc',
            ExpressionAttributeValues: {
              ':rev': { S: 'older' },
              ':n': { N: '1' },
              ':hlc': { S: '000000000001-0000-aaaaaaaaaaaaaaaa' },
            },
          }),
    )
    const { remote, asked } = watched(space)
    const reader = new Follower(remote)
    await reader.catchUp()
    expect(asked[0]).toBe('L#0000000000000001')
    expect(reader.versions.get('notes/d07')?.rev).not.toBe('older')
    expect(reader.versions.size).toBe(20)
  },
)
