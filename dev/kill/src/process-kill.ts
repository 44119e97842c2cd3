import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { bundleProgram } from './bundle-program.ts'
import {
  type Acknowledged,
  addVerdict,
  type BatchesALife,
  drawBatches,
  forgetLost,
  NO_FAULT,
  seededUnit,
  type Verdict,
} from './verdict.ts'

export interface ProcessKills {
  /**
   * A Node program that writes without end, prints `<writer> <batch>` on a line for each batch that
   * is durable, and ends when its input does.
   */
  readonly program: URL
  readonly args: readonly string[]
  readonly kills: number
  readonly seed: number
  /** The kill comes up to this long after the last of `batchesALife`, in ms. */
  readonly withinMs: number
  /** 1 unless given. */
  readonly batchesALife?: BatchesALife
  /** Called after each kill, when the process is gone. */
  check(acknowledged: Acknowledged): Promise<Verdict>
}

/** Starts the program, kills it with SIGKILL at a random moment, checks, and starts it again. */
export async function killRepeatedly(options: ProcessKills): Promise<Verdict & { readonly batches: number }> {
  const unit = seededUnit(options.seed)
  const acknowledged: Acknowledged = {}
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-program-'))
  let verdict = NO_FAULT
  let batches = 0
  try {
    const program = await bundleProgram(options.program, directory)
    for (let kill = 0; kill < options.kills; kill++) {
      const afterMs = unit() * options.withinMs
      const afterLines = drawBatches(options.batchesALife ?? 1, unit)
      for (const line of await linesUntilKilled(program, options.args, { afterLines, afterMs })) {
        const [writer, batch] = line.split(' ')
        if (writer === undefined || batch === undefined) continue
        acknowledged[writer] = Number(batch)
        batches += 1
      }
      const found = await options.check(acknowledged)
      forgetLost(acknowledged, found)
      verdict = addVerdict(verdict, found)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  return { ...verdict, batches }
}

/** Runs a program, kills it so long after its output has so many lines, and answers the whole lines. */
export async function linesUntilKilled(
  program: string,
  args: readonly string[],
  { afterLines, afterMs }: { readonly afterLines: number; readonly afterMs: number },
): Promise<string[]> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  let lines = 0
  child.stdout.setEncoding('utf8')
  const ended = once(child, 'close')
  const enough = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: string) => {
      text += chunk
      lines += chunk.split('\n').length - 1
      if (lines >= afterLines) resolve()
    })
    child.once('exit', (code) => reject(new Error(`${program} ended by itself (${code})`)))
  })
  try {
    await enough
    await pause(afterMs)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  // What follows the last line break was cut by the kill.
  return text.split('\n').slice(0, -1)
}
