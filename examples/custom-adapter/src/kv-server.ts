import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KvSpace } from './kv-space.ts'

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
 * A tiny key-value service: `POST /{space}/{read|write|changes}`, JSON both ways (`kv-space.ts` says
 * what is in it). It knows nothing of Holdfast. Every answer carries the epoch of its history.
 */
export async function startKvServer({ token }: { readonly token: string }): Promise<KvServer> {
  const spaces = new Map<string, KvSpace>()
  let epoch: string = randomUUID()
  let fixed: Parameters<KvServer['answerWith']>[0] = null

  async function answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    if (request.headers.authorization !== `Bearer ${token}`) return { status: 401, body: '' }
    const body = await bodyOf(request)
    if (body === null) return { status: 413, body: '' }
    const [, name = '', action = ''] = (request.url ?? '').split('/')
    const space = spaces.get(name) ?? new KvSpace()
    spaces.set(name, space)
    const asked = JSON.parse(body)
    if (action === 'read') return ok(space.read(asked))
    if (action === 'write') return ok(space.write(asked))
    if (action === 'changes') return ok({ ...space.changes(asked, epoch), epoch })
    return { status: 404, body: '' }
  }

  const server = createServer((request, response) => {
    void answer(request)
      .catch(() => ({ status: 400, body: '' }))
      .then(({ status, body }) => {
        response.writeHead(fixed?.status ?? status, fixed?.headers)
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

const ok = (body: unknown) => ({ status: 200, body: JSON.stringify(body) })

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return body.length > MAX_BODY ? null : body.toString('utf8')
}
