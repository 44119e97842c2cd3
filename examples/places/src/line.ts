import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** One device's line to the network, on loopback: all that it sends and receives passes here. */
export interface Line {
  /** What the device takes for the server. */
  readonly url: string
  readonly requests: number
  /** From now on nothing passes: the device is offline. */
  cut(): void
  mend(): void
  /**
   * Lets the `nth` matching request from now on hang: `before` the server gets it, or `after` the
   * server has answered it and before the device hears of it. Resolves when it hangs.
   */
  hang(nth: number, side: 'before' | 'after'): Promise<void>
  /** Cuts what hangs. */
  close(): Promise<void>
}

export interface LineEnd {
  readonly url: string
  /** The server's path for a path that the device asks for, as an API gateway would map it. */
  readonly path?: (path: string) => string
  /** True for a request that carries mutations. */
  readonly isPush: (request: IncomingMessage) => boolean
}

interface Hang {
  countdown: number
  readonly side: 'before' | 'after'
  readonly reached: () => void
}

export async function openLine({ url, path = (asked) => asked, isPush }: LineEnd): Promise<Line> {
  // A connection for each request: a kept one that the server closes would look like a fault.
  const agent = new Agent({ keepAlive: false })
  const { hostname, port, host } = new URL(url)
  let isUp = true
  let requests = 0
  let hang: Hang | null = null

  const hangs = (incoming: IncomingMessage): Hang | null => {
    if (hang === null || !isPush(incoming)) return null
    hang.countdown--
    if (hang.countdown > 0) return null
    const now = hang
    hang = null
    return now
  }

  const pass = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    requests++
    const hanging = hangs(incoming)
    if (!isUp || hanging?.side === 'before') {
      if (hanging === null) incoming.socket.destroy()
      else incoming.resume().on('end', hanging.reached)
      return
    }
    const { method, headers } = incoming
    const passed = request(
      { agent, hostname, port, method, path: path(incoming.url ?? '/'), headers: { ...headers, host } },
      (answer) => {
        answer.on('error', () => outgoing.destroy())
        if (hanging !== null) {
          answer.resume().on('end', hanging.reached)
          return
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      },
    )
    passed.on('error', () => outgoing.destroy())
    incoming.on('error', () => passed.destroy())
    incoming.pipe(passed)
  }

  const server = createServer(pass)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The line has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    get requests() {
      return requests
    },
    cut() {
      isUp = false
      server.closeAllConnections()
    },
    mend() {
      isUp = true
    },
    hang: (nth, side) =>
      new Promise((reached) => {
        hang = { countdown: nth, side, reached }
      }),
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
