import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Fault, FaultPlan, ProxiedRequest } from './faults.ts'
import { type Forwarded, forward } from './forward.ts'

export interface FaultProxy {
  readonly url: string
  readonly faults: FaultLevers
  stop(): Promise<void>
}

export interface FaultLevers {
  /** From now on; the request index starts again at 0. `applies` says which requests it counts (all by default). */
  use(plan: FaultPlan, options?: { applies?: (request: ProxiedRequest) => boolean }): void
  /** No faults from now on; what is held is let go, and connections that were silent are cut. */
  heal(): void
  /** How often each fault happened, by kind; a status by its number. */
  readonly counts: Readonly<Record<string, number>>
  /** Requests that came in. */
  readonly requests: number
}

/**
 * An HTTP proxy on the loopback that passes every request on to `target` and lets a plan decide
 * what goes wrong. CORS preflights pass unharmed and are not counted.
 */
export async function startFaultProxy(options: { target: string }): Promise<FaultProxy> {
  const counts: Record<string, number> = {}
  const held = new Set<() => void>()
  const echoes = new Set<Promise<unknown>>()
  const silent = new Set<ServerResponse>()
  let plan: FaultPlan | null = null
  let applies: (request: ProxiedRequest) => boolean = () => true
  let index = 0
  let requests = 0

  const release = () => {
    for (const go of held) go()
  }
  const endSilence = () => {
    for (const response of silent) response.destroy()
  }
  const hold = (ms: number) =>
    new Promise<void>((resolve) => {
      const go = () => {
        held.delete(go)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(go, ms)
      held.add(go)
    })
  const send = (request: ProxiedRequest) => forward(options.target, request)

  async function answer(
    request: ProxiedRequest,
    fault: Fault | null,
    response: ServerResponse,
  ): Promise<void> {
    switch (fault?.kind) {
      case 'lost-request':
        response.destroy()
        return
      case 'lost-response':
        await send(request)
        response.destroy()
        return
      case 'duplicate': {
        const first = await send(request)
        const second = await send(request)
        return reply(response, fault.answer === 'first' ? first : second)
      }
      case 'echo': {
        const echo = hold(fault.ms).then(() => send(request))
        echoes.add(echo)
        echo.finally(() => echoes.delete(echo)).catch(() => {})
        return reply(response, await send(request))
      }
      case 'delay':
      case 'reorder':
        await hold(fault.ms)
        return reply(response, await send(request))
      case 'truncated':
        return truncate(response, await send(request))
      case 'silence':
        silent.add(response)
        response.once('close', () => silent.delete(response))
        if (fault.handled) await send(request)
        return
      case 'html':
        return reply(response, {
          status: 200,
          headers: { 'content-type': 'text/html' },
          body: Buffer.from(PORTAL),
        })
      case 'status': {
        if (fault.handled === true) await send(request)
        const headers: Record<string, string> = { 'content-type': 'text/plain' }
        if (fault.retryAfter !== undefined) headers['retry-after'] = String(fault.retryAfter)
        return reply(response, { status: fault.status, headers, body: Buffer.from('injected fault') })
      }
      default:
        return reply(response, await send(request))
    }
  }

  const server = createServer(async (incoming, response) => {
    requests++
    try {
      const request = await read(incoming)
      const counted = plan !== null && request.method !== 'OPTIONS' && applies(request)
      const fault = counted && plan !== null ? plan(index++, request) : null
      if (fault !== null) {
        const name = fault.kind === 'status' ? String(fault.status) : fault.kind
        counts[name] = (counts[name] ?? 0) + 1
      }
      await answer(request, fault, response)
      if (fault?.kind !== 'reorder' && fault?.kind !== 'delay') release()
    } catch {
      // The client has gone, or the target cannot be reached: both look like a cut connection.
      response.destroy()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.')

  return {
    url: `http://127.0.0.1:${address.port}`,
    faults: {
      use(next, settings = {}) {
        plan = next
        applies = settings.applies ?? (() => true)
        index = 0
      },
      heal() {
        plan = null
        release()
        endSilence()
      },
      counts,
      get requests() {
        return requests
      },
    },
    async stop() {
      plan = null
      release()
      endSilence()
      await Promise.allSettled(echoes)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const PORTAL = '<!doctype html><title>Sign in</title><p>Sign in to use this network.</p>'

async function read(incoming: IncomingMessage): Promise<ProxiedRequest> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part)
  return {
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    headers: incoming.headers,
    body: Buffer.concat(parts),
  }
}

function reply(response: ServerResponse, answer: Forwarded): void {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length })
  response.end(answer.body)
}

function truncate(response: ServerResponse, answer: Forwarded): void {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length })
  response.write(answer.body.subarray(0, answer.body.length >> 1), () => response.destroy())
}
