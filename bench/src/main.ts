import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseOptions } from './options.ts'
import { showProgress } from './progress.ts'
import { barChart } from './report/chart.ts'
import { machine, versionsOf } from './report/machine.ts'
import { markdownTable } from './report/markdown.ts'
import type { BenchReport } from './report/result.ts'
import { run } from './run.ts'

const { out, ...options } = parseOptions(process.argv)
const before = machine()
const progress = showProgress()
const result = await run(options, progress.tell)
progress.end()
const report: BenchReport = {
  date: new Date().toISOString(),
  machine: before,
  versions: versionsOf(options.entrants),
  rounds: options.rounds,
  documents: options.documents,
  ...result,
}
const table = markdownTable(report)
mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'bench.json'), `${JSON.stringify(report, null, 1)}\n`)
writeFileSync(join(out, 'bench.md'), `${table}\n`)
writeFileSync(join(out, 'bench.svg'), barChart(report))
process.stdout.write(`${table}\n\nWritten to ${out}.\n`)
for (const [name, reasons] of Object.entries(report.failed)) {
  process.stderr.write(`${name} failed:\n  ${reasons.join('\n  ')}\n`)
  process.exitCode = 1
}
