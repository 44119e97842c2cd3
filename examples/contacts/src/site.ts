import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import type { PageFiles } from './build-page.ts'

export interface SiteOptions {
  readonly files: PageFiles
  /** Where requests under a path go: one origin for everything, so that the browser asks no one's leave. */
  readonly backends: Readonly<Record<string, string>>
  /** Who is signed in. A real application has a login here. */
  readonly session: () => object
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

/** A connection for each request: a kept one that the backend closes would look like a failure. */
const agent = new Agent({ keepAlive: false })

/** Serves the page and passes requests on to the backends. */
export async function servePage(options: SiteOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => answer(incoming, outgoing, options))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(incoming: IncomingMessage, outgoing: ServerResponse, options: SiteOptions): void {
  const { pathname, search } = new URL(incoming.url ?? '/', 'http://page')
  const prefix = Object.keys(options.backends).find(
    (path) => pathname === path || pathname.startsWith(`${path}/`),
  )
  const target = prefix === undefined ? undefined : options.backends[prefix]
  if (prefix !== undefined && target !== undefined) {
    passOn(incoming, outgoing, new URL((pathname.slice(prefix.length) || '/') + search, target))
    return
  }
  if (pathname === '/session') {
    outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(options.session()))
    return
  }
  const path = pathname === '/' ? '/index.html' : pathname
  const file = options.files.get(path)
  if (file === undefined) {
    outgoing.writeHead(404).end()
    return
  }
  outgoing.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream').end(file)
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, target: URL): void {
  const { method, headers } = incoming
  const passed = request(
    target,
    { agent, method, headers: { ...headers, host: target.host } },
    (answered) => {
      outgoing.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(outgoing)
    },
  )
  passed.on('error', () => outgoing.destroy())
  outgoing.on('close', () => passed.destroy())
  incoming.pipe(passed)
}
