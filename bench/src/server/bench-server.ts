import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Feed } from './feed.ts'

export interface BenchServer {
  readonly url: string
  readonly feed: Feed
  /** Requests for documents since the last call of this. */
  takeRequests(): number
  /** Serves `script` in an empty page, and a new feed of so many documents, from now on. */
  begin(of: { script: string; documents: number }): void
  stop(): void
}

/** Serves pages and documents from one origin on loopback, in this process. */
export async function startBenchServer(): Promise<BenchServer> {
  let feed = new Feed(0)
  let script = ''
  let requests = 0
  const answer = async (request: IncomingMessage): Promise<[type: string, body: string]> => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const { searchParams, pathname } = url
    if (pathname === '/page.js') return ['text/javascript', script]
    if (pathname === '/')
      return ['text/html', '<!doctype html><script type="module" src="/page.js"></script>']
    if (pathname !== '/pull' && pathname !== '/push') return ['text/plain', '']
    requests++
    const form = searchParams.get('form') === 'plain' ? 'plain' : 'versions'
    if (pathname === '/pull') {
      const [since, limit] = [Number(searchParams.get('since')), Number(searchParams.get('limit'))]
      return ['application/json', feed.page(since, limit, form)]
    }
    const body = JSON.parse(await bodyOf(request))
    return ['application/json', JSON.stringify(form === 'plain' ? feed.take(body) : feed.apply(body))]
  }
  const server = createServer((request, response) => {
    answer(request).then(
      ([type, body]) => {
        response.setHeader('content-type', type)
        response.setHeader('cache-control', 'no-store')
        // An isolated page has a clock of 5 µs; any other one of 100 µs.
        response.setHeader('cross-origin-opener-policy', 'same-origin')
        response.setHeader('cross-origin-embedder-policy', 'require-corp')
        response.end(body)
      },
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    get feed() {
      return feed
    },
    takeRequests() {
      const seen = requests
      requests = 0
      return seen
    },
    begin(of) {
      script = of.script
      feed = new Feed(of.documents)
      requests = 0
    },
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8')
  let text = ''
  for await (const chunk of request) text += chunk as string
  return text
}
