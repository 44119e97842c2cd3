import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { createServer } from 'node:net'

/** A server process that never outlives the process that started it. */
export interface OwnedProcess {
  readonly pid: number
  /** Everything it wrote so far, for messages. */
  readonly output: () => string
  /** Resolves when a line of output matches; rejects if the process ends before. */
  waitFor(pattern: RegExp): Promise<void>
  /** Ends it, waits until it is gone, and removes its folders. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/*
 * Waits for the end of its own input. A line means a tidy end; the end of the input alone means
 * that the owner died, however it died, and takes the server and its folders with it.
 */
const WATCH =
  'if read -r _; then exit 0; fi; pid=$1; shift; kill -QUIT "$pid"; sleep 2; kill -9 "$pid"; rm -rf "$@"'

export async function startOwned(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly folders?: readonly string[]; readonly onStopped?: () => void },
): Promise<OwnedProcess> {
  const { folders = [], onStopped, ...spawnOptions } = options
  const child = spawn(command, args, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  let ended = false
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  const hear = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-20_000)
    tell()
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = true
      tell()
      resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  const pid = child.pid as number
  const watcher = watch(pid, folders)

  return {
    pid,
    output: () => text,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(text)) resolve()
          else if (ended) reject(new Error(`${command} ended before it was ready:\n${text}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
    stop: async (signal = 'SIGTERM') => {
      if (!ended) child.kill(signal)
      await gone
      watcher.stdin?.end('stopped\n')
      onStopped?.()
    },
  }
}

function watch(pid: number, folders: readonly string[]): ChildProcess {
  const watcher = spawn('/bin/sh', ['-c', WATCH, 'watch', String(pid), ...folders], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watcher.stdin?.on('error', () => undefined)
  watcher.unref()
  const pipe = watcher.stdin as unknown as { unref?: () => void } | null
  pipe?.unref?.()
  return watcher
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
