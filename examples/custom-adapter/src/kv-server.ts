import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface KvServer {
  readonly url: string
  /** What the operator of the service does after putting a backup back in place. */
  endEpoch(): void
  /** Answers every request with this, until null is given: what proxies and portals do. */
  answerWith(fixed: { status: number; body: string; headers?: Record<string, string> } | null): void
  stop(): Promise<void>
}

const MAX_BODY = 8 * 1024 * 1024

/**
 * A tiny key-value service. `PUT /key` with `if-none-match: *` creates or answers 412;
 * `GET /?from=&to=&limit=` lists `{ entries, more }` in key order. Every answer carries `kv-epoch`;
 * a PUT with another `if-epoch` is answered with 409.
 */
export async function startKvServer({ token }: { readonly token: string }): Promise<KvServer> {
  const values = new Map<string, string>()
  let epoch = randomUUID()
  let fixed: Parameters<KvServer['answerWith']>[0] = null

  async function answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (request.headers.authorization !== `Bearer ${token}`) return { status: 401, body: '' }
    if (request.method === 'GET') return { status: 200, body: JSON.stringify(list(url.searchParams)) }
    const body = await bodyOf(request)
    if (body === null) return { status: 413, body: '' }
    const key = decodeURIComponent(url.pathname.slice(1))
    if (request.headers['if-epoch'] !== epoch) return { status: 409, body: '' }
    if (request.headers['if-none-match'] === '*' && values.has(key)) return { status: 412, body: '' }
    values.set(key, body)
    return { status: 201, body: '' }
  }

  function list(query: URLSearchParams) {
    const [from, to] = [query.get('from') ?? '', query.get('to') ?? '\uffff']
    const keys = [...values.keys()].filter((key) => from <= key && key < to).sort()
    const limit = Number(query.get('limit') ?? 100)
    const entries = keys.slice(0, limit).map((key) => [key, values.get(key)])
    return { entries, more: keys.length > limit }
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(fixed?.status ?? status, { 'kv-epoch': epoch, ...fixed?.headers })
      response.end(fixed?.body ?? body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    endEpoch() {
      epoch = randomUUID()
    },
    answerWith(next) {
      fixed = next
    },
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return body.length > MAX_BODY ? null : body.toString('utf8')
}
