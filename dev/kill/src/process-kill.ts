import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Acknowledged, addVerdict, forgetLost, NO_FAULT, seededUnit, type Verdict } from './verdict.ts'

export interface ProcessKills {
  /**
   * A Node program that writes without end, prints `<writer> <batch>` on a line for each batch that
   * is durable, and ends when its input does.
   */
  readonly program: URL
  readonly args: readonly string[]
  readonly kills: number
  readonly seed: number
  /** The kill comes up to this long after the first line. */
  readonly withinMs: number
  /** Called after each kill, when the process is gone. */
  check(acknowledged: Acknowledged): Promise<Verdict>
}

/** Starts the program, kills it with SIGKILL at a random moment, checks, and starts it again. */
export async function killRepeatedly(options: ProcessKills): Promise<Verdict & { readonly batches: number }> {
  const unit = seededUnit(options.seed)
  const acknowledged: Acknowledged = {}
  let verdict = NO_FAULT
  let batches = 0
  for (let kill = 0; kill < options.kills; kill++) {
    for (const line of await linesUntilKilled(options, unit() * options.withinMs)) {
      const [writer, batch] = line.split(' ')
      if (writer === undefined || batch === undefined) continue
      acknowledged[writer] = Number(batch)
      batches += 1
    }
    const found = await options.check(acknowledged)
    forgetLost(acknowledged, found)
    verdict = addVerdict(verdict, found)
  }
  return { ...verdict, batches }
}

async function linesUntilKilled({ program, args }: ProcessKills, afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8')
  const ended = once(child, 'close')
  const first = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: string) => {
      text += chunk
      resolve()
    })
    child.once('exit', (code) => reject(new Error(`${program.pathname} ended by itself (${code})`)))
  })
  try {
    await first
    await pause(afterMs)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  // What follows the last line break was cut by the kill.
  return text.split('\n').slice(0, -1)
}
