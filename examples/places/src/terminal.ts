import process from 'node:process'
import Table from 'cli-table3'
import { Listr } from 'listr2'
import type { ConflictReport } from './steps/conflicts.ts'
import { count, type Progress } from './steps/step.ts'

/** One step as it is shown and timed. */
export interface Shown {
  readonly title: string
  run(progress: Progress): Promise<string>
}

export interface Timed {
  readonly title: string
  readonly found: string
  readonly ms: number
}

const BAR = 24
/** Without a terminal a bar is a line each time, so it is shown at each quarter only. */
const TICKS = process.stdout.isTTY ? 100 : 4

export function print(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** Runs the steps one after the other, with bars; stops at the first that throws. */
export async function runSteps(steps: readonly Shown[], onDone: (step: Timed) => void): Promise<void> {
  const tasks = steps.map(({ title, run }) => ({
    title,
    task: async (_context: unknown, task: { title: string; output: string }) => {
      const started = performance.now()
      const found = await run(
        barsOn((text) => {
          task.output = text
        }),
      )
      const ms = performance.now() - started
      task.title = `${title}: ${found} (${seconds(ms)})`
      onDone({ title, found, ms })
    },
  }))
  await new Listr(tasks, {
    registerSignalListeners: false,
    fallbackRenderer: 'simple',
    rendererOptions: { collapseErrors: false },
  }).run()
}

function barsOn(show: (text: string) => void): Progress {
  let shown = 0
  return (done, total, what) => {
    const tick = Math.floor((done / Math.max(1, total)) * TICKS)
    if (tick <= shown) return
    shown = tick
    const filled = Math.round((done / total) * BAR)
    show(`${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${count(done)} of ${count(total)} ${what}`)
  }
}

export function conflictTable(reports: readonly ConflictReport[]): string {
  const table = new Table({
    head: ['conflict', 'place', 'A', 'B', 'settled as', 'decided, as B met it'],
    colWidths: [18, 14, 14, 14, 13, 26],
    wordWrap: true,
    style: { head: [], border: [] },
  })
  for (const { kind, place, decisions } of reports) {
    table.push([kind.title, place.name, kind.a.says, kind.b.says, kind.settledAs, decisions.join('\n')])
  }
  return table.toString()
}

export function summaryTable(rows: readonly (Timed & { readonly backend: string })[]): string {
  const table = new Table({
    head: ['backend', 'step', 'seen', 'time'],
    colWidths: [10, 30, 45, 9],
    colAligns: ['left', 'left', 'left', 'right'],
    wordWrap: true,
    style: { head: [], border: [] },
  })
  for (const { backend, title, found, ms } of rows) table.push([backend, title, found, seconds(ms)])
  return table.toString()
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
