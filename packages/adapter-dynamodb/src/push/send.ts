import {
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { type Transacted, transact } from '../call.ts'
import { unlogged } from '../unlogged.ts'

/** A transaction that is made and signed, and not sent. */
export interface ReadyTransaction {
  send(): Promise<Transacted<unknown>>
  /** It is never sent. */
  drop(): void
}

/**
 * Makes one transaction ready. Its items have the form of DynamoDB's JSON already: they are made into text as
 * they are, since walking them by the model of the service, as the SDK does, takes longer than all else
 * that a client does with them. The SDK is given the first one, which names the table and so where to
 * send it, and what it makes of that is filled in; its request token stays.
 */
export function readyTransaction(
  client: DynamoDBClient,
  items: readonly TransactWriteItem[],
  signal: AbortSignal,
): ReadyTransaction {
  const gate = Promise.withResolvers<void>()
  gate.promise.catch(() => {})
  const command = unlogged(new TransactWriteItemsCommand({ TransactItems: items.slice(0, 1) }))
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: string | Uint8Array }
      const body = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body)
      request.body = JSON.stringify({ ...JSON.parse(body), TransactItems: items })
      return next(args)
    },
    { step: 'serialize', priority: 'low', name: 'holdfastPlainItems' },
  )
  command.middlewareStack.add((next) => (args) => gate.promise.then(() => next(args)), {
    step: 'finalizeRequest',
    priority: 'low',
    name: 'holdfastGate',
  })
  const result = transact(signal, (options) => client.send(command, options))
  result.catch(() => {})
  return {
    send() {
      gate.resolve()
      return result
    },
    drop: () => gate.reject(new Error('The transaction was dropped before it was sent.')),
  }
}
