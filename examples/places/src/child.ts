import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Said, Task } from './device-b.ts'
import type { Place } from './places.ts'

/** Device B's process, seen from outside. */
export interface Child {
  /** Writes that it said were acknowledged, by GeoNames id. */
  readonly acknowledged: ReadonlySet<number>
  /** Writes that waited in its outbox when it opened the database. */
  readonly waitingAtStart: number
  /** All places that it had when it was in sync; rejects if it ended before. */
  readonly synced: Promise<readonly Place[]>
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>
  /** SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('./device-b.ts', import.meta.url))

export function startDeviceB(task: Task): Child {
  const child = fork(PROGRAM, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const ended = new Promise<void>((gone) => child.once('exit', () => gone()))
  const acknowledged = new Set<number>()
  let waitingAtStart = 0
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  const synced = new Promise<readonly Place[]>((resolve, reject) => {
    child.on('message', (message) => {
      const said = message as Said
      if (said.kind === 'opened') waitingAtStart = said.waiting
      else if (said.kind === 'acknowledged') acknowledged.add(said.geoname)
      else resolve(said.places)
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`Device B ended before it was in sync. ${complaint}`)))
  })
  // Of a process that is killed on purpose nobody waits for the end of the sync.
  synced.catch(() => undefined)
  child.send(task)
  return {
    acknowledged,
    synced,
    get waitingAtStart() {
      return waitingAtStart
    },
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
