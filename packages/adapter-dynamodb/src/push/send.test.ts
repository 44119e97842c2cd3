import { Readable } from 'node:stream'
import { DynamoDBClient, type TransactWriteItem, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { readyTransaction } from './send.ts'

interface Sent {
  readonly hostname: string
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array
}

const textOf = ({ body }: Pick<Sent, 'body'>) =>
  typeof body === 'string' ? body : new TextDecoder().decode(body)

/** A client of nothing: it keeps what it would send, and gets these statuses for answers, then 200. */
function client(statuses: number[] = []) {
  const sent: Sent[] = []
  const api = new DynamoDBClient({
    region: 'eu-central-1',
    maxAttempts: 2,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret', accountId: '111111111111' },
    requestHandler: {
      async handle({ hostname, headers, body }: Sent) {
        sent.push({ hostname, headers, body: textOf({ body }) })
        const statusCode = statuses.shift() ?? 200
        return { response: { statusCode, headers: {}, body: Readable.from([Buffer.from('{}')]) } }
      },
      destroy() {},
    },
  })
  return { api, sent }
}

const { signal } = new AbortController()
const sendTransaction = (...args: Parameters<typeof readyTransaction>) => readyTransaction(...args).send()

function itemsOf(TableName: string): TransactWriteItem[] {
  const Key = { pk: { S: 'space' }, sk: { S: '!head' } }
  return [
    {
      Update: {
        TableName,
        Key,
        UpdateExpression: 'SET #n = :n',
        ConditionExpression: '#n < :n',
        ExpressionAttributeNames: { '#n': 'n' },
        ExpressionAttributeValues: { ':n': { N: '12' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
    {
      Put: {
        TableName,
        Item: { ...Key, body: { S: '{"text":"ä€ \\ud83d\\ude00 \\" \\u2028 </"}' }, deleted: { BOOL: true } },
      },
    },
  ]
}

test.each(['table', 'arn:aws:dynamodb:eu-central-1:222222222222:table/other'])(
  'what is sent for %s is what the SDK would send',
  async (name) => {
    const items = itemsOf(name)
    const plain = client()
    await plain.api.send(new TransactWriteItemsCommand({ TransactItems: items }))
    const ours = client()
    expect(await sendTransaction(ours.api, items, signal)).toHaveProperty('answer')
    const [one, other] = [plain.sent[0], ours.sent[0]]
    if (one === undefined || other === undefined) throw new Error('Nothing was sent.')
    const { ClientRequestToken: token, ...body } = JSON.parse(textOf(other))
    expect(body).toEqual({ TransactItems: JSON.parse(textOf(one)).TransactItems })
    expect(body.TransactItems).toEqual(items)
    expect(token).toMatch(/^[0-9a-f-]{36}$/)
    expect(other.hostname).toBe(one.hostname)
    expect(Number(other.headers['content-length'])).toBe(Buffer.byteLength(textOf(other)))
    expect(Object.keys(other.headers).sort()).toEqual(Object.keys(one.headers).sort())
  },
)

test('what the SDK sends again is the same transaction, and each transaction is another', async () => {
  const { api, sent } = client([500])
  await sendTransaction(api, itemsOf('table'), signal)
  await sendTransaction(api, itemsOf('table'), signal)
  expect(sent.length).toBe(3)
  expect(sent[1]?.body).toBe(sent[0]?.body)
  expect(sent[2]?.body).not.toBe(sent[0]?.body)
})

test('what is ready is not sent before its time, and never when it was dropped', async () => {
  const { api, sent } = client()
  const ready = readyTransaction(api, itemsOf('table'), signal)
  const dropped = readyTransaction(api, itemsOf('table'), signal)
  dropped.drop()
  await expect(dropped.send()).rejects.toBeDefined()
  expect(sent.length).toBe(0)
  await ready.send()
  expect(sent.length).toBe(1)
})
