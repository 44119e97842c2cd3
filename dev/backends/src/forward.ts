import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import type { ProxiedRequest } from './faults.ts'

export interface Forwarded {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A connection for each request: a kept one that the target closes would look like a fault. */
const agent = new Agent({ keepAlive: false })
/** Belong to one connection, or are set anew from the body as it is. */
const OWN_HEADERS = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host']

/** The target's whole answer to a request. */
export function forward(target: string, { method, url, headers, body }: ProxiedRequest): Promise<Forwarded> {
  const { host } = new URL(target)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(url, target),
      { method, agent, headers: { ...without(headers), host, 'content-length': body.length } },
      (incoming) => {
        const parts: Buffer[] = []
        incoming.on('data', (part: Buffer) => parts.push(part))
        incoming.on('error', reject)
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 502,
            headers: without(incoming.headers),
            body: Buffer.concat(parts),
          }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function without(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.includes(name)))
}
