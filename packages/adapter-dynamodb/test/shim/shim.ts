import { once } from 'node:events'
import { createServer } from 'node:http'
import { type Answer, type Body, callEngine, failure } from './engine.ts'
import { type Levers, seededRandom } from './levers.ts'
import { LaggingReplica } from './replica.ts'
import { TwoPhase } from './two-phase.ts'

/**
 * DynamoDB as AWS permits it to be, in front of an engine that is kinder: transactions in two
 * phases whose items become visible one by one, conflicts, late log items, stale reads, throttling,
 * lost requests and answers. A model of what the documentation allows, not a measurement of what
 * AWS does. Every choice is drawn from the seed, in the order in which requests come.
 */
export async function startShim(endpoint: string, options: { seed: number; levers: Levers }) {
  const random = seededRandom(options.seed)
  const replica = new LaggingReplica(endpoint)
  const phases = new TwoPhase(endpoint, { random, replica, levers: options.levers })
  const counts: Record<string, number> = {}
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1
  }

  async function handle(operation: string, body: Body): Promise<Answer> {
    if (operation === 'TransactWriteItems') return phases.write(body)
    if (operation === 'TransactGetItems') return phases.read(body)
    if (operation === 'CreateTable') {
      await callEngine(endpoint, operation, { ...body, TableName: replica.nameOf(String(body.TableName)) })
      return callEngine(endpoint, operation, body)
    }
    if (operation === 'Query' && random() < phases.levers.throttle)
      return failure('ProvisionedThroughputExceededException')
    if (
      operation === 'Query' &&
      body.ConsistentRead !== true &&
      phases.levers.staleMs > 0 &&
      random() < 0.7
    ) {
      count('stale read')
      return callEngine(endpoint, operation, { ...body, TableName: replica.nameOf(String(body.TableName)) })
    }
    return callEngine(endpoint, operation, body)
  }

  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    const drop = random() < phases.levers.drop ? (random() < 0.5 ? 'request' : 'response') : null
    if (drop === 'request') {
      count('lost request')
      return response.destroy()
    }
    const answer = await handle(operation, JSON.parse(Buffer.concat(parts).toString()) as Body)
    for (const { Code } of (answer.body.CancellationReasons ?? []) as { Code: string }[]) {
      if (Code !== 'None') count(Code)
    }
    if (drop === 'response') {
      count('lost response')
      return response.destroy()
    }
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' })
    return response.end(JSON.stringify(answer.body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The shim has no port.')

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    /** What happened, by cancellation code or by name. */
    counts,
    set levers(levers: Levers) {
      phases.levers = levers
    },
    /** Resolves when reads that are not consistent have caught up. */
    settled: () => replica.settled(),
    async stop() {
      await replica.settled()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
