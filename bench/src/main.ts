import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { closeSessions } from './browser/session.ts'
import { ENTRANTS } from './contestants.ts'
import { runNode } from './node/run.ts'
import { runCommand } from './options.ts'
import { runProfile } from './profile/run.ts'
import { showProgress } from './progress.ts'
import { runRemotes } from './remotes/run.ts'
import { barChart } from './report/chart.ts'
import { growthChart } from './report/growth-chart.ts'
import { machine, versionsOf } from './report/machine.ts'
import { markdownTable } from './report/markdown.ts'
import { writePage } from './report/page.ts'
import type { BenchReport } from './report/result.ts'
import { nodeTable, partsTable, profileTable, remotesTable } from './report/tables.ts'
import { type RunResult, run } from './run.ts'
import { growth } from './scenarios/growth.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)

/** Shows progress while `work` goes on; says when, and on what, it ran. */
async function timed<T>(work: (tell: ReturnType<typeof showProgress>['tell']) => Promise<T>) {
  const context = { date: new Date().toISOString(), machine: machine() }
  const progress = showProgress()
  try {
    return { context, result: await work(progress.tell) }
  } finally {
    progress.end()
  }
}

function write(out: string, files: Readonly<Record<string, unknown>>): void {
  mkdirSync(out, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 1)}\n`
    writeFileSync(join(out, name), text)
  }
  say(`\nWritten to ${out}: ${Object.keys(files).join(', ')}`)
}

function tellFailures(failed: Readonly<Record<string, readonly string[]>>): void {
  for (const [name, reasons] of Object.entries(failed)) {
    process.stderr.write(`${name} failed:\n  ${reasons.join('\n  ')}\n`)
    process.exitCode = 1
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void closeSessions().finally(() => process.exit(130)))
}

await runCommand(process.argv, {
  async peers({ only, out, ...options }) {
    const entrants = ENTRANTS.filter(({ name }) => only.includes(name))
    const { documents } = options
    const context = { date: new Date().toISOString(), machine: machine(), versions: versionsOf(entrants) }
    const onRound = (result: RunResult, rounds: number) => {
      const report: BenchReport = { ...context, rounds, documents, ...result }
      const table = `${markdownTable(report)}\n`
      write(out, { 'bench.json': report, 'bench.md': table, 'bench.svg': barChart(report) })
    }
    const { result } = await timed((tell) => run({ ...options, entrants, onRound }, tell))
    const report: BenchReport = { ...context, rounds: options.rounds, documents, ...result }
    say(markdownTable(report))
    tellFailures(report.failed)
  },

  async growth({ sizes, out, ...options }) {
    const entrants = ENTRANTS.filter(({ name }) => ['rawidb', 'holdfast'].includes(name))
    const { context, result } = await timed(async (tell) => {
      const found: Record<number, BenchReport['figures']> = {}
      for (const documents of sizes) {
        const asked = { ...options, entrants, documents, workloads: growth.workloads, scenarios: [growth] }
        const { figures, failed } = await run(asked, (done, total, what) =>
          tell(done, total, `${documents} documents, ${what}`),
        )
        found[documents] = figures
        tellFailures(failed)
      }
      return found
    })
    const report = { ...context, figures: result }
    write(out, { 'growth.json': report, 'growth.svg': growthChart(report) })
  },

  async remotes({ out, ...sizes }) {
    const { context, result } = await timed((tell) => runRemotes(sizes, tell))
    say(`${remotesTable(result)}\n\n${partsTable(result)}`)
    write(out, { 'remotes.json': { ...context, ...sizes, figures: result } })
  },

  async profile({ out, ...options }) {
    const { context, result } = await timed((tell) => runProfile(options, tell))
    const { figures, profiles, failed } = result
    say(profileTable(figures))
    const files = Object.entries(profiles).map(([name, profile]) => [`${name}.cpuprofile`, profile])
    write(out, { 'profile.json': { ...context, figures }, ...Object.fromEntries(files) })
    tellFailures(failed)
  },

  async node({ rounds, out }) {
    const { context, result } = await timed((tell) => runNode(rounds, tell))
    say(nodeTable(result))
    write(out, { 'node.json': { ...context, rounds, figures: result } })
  },

  async docs({ from, to }) {
    say(`Written: ${writePage(from, to)}`)
  },
})
