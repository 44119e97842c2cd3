import { bundlePage } from './browser/bundle.ts'
import { Session } from './browser/session.ts'
import type { Entrant } from './contestants.ts'
import { SCENARIOS } from './scenarios/index.ts'
import { type Figures, type Scenario, sizesFor } from './scenarios/scenario.ts'
import { type BenchServer, startBenchServer } from './server/bench-server.ts'
import { sizeOf } from './size.ts'
import type { Workload } from './workloads.ts'

export interface RunOptions {
  readonly entrants: readonly Entrant[]
  readonly workloads: readonly Workload[]
  readonly rounds: number
  readonly documents: number
  /** Seconds for one contestant in one scenario; then it counts as failed. */
  readonly deadline: number
  /** Instead of the usual ones. */
  readonly scenarios?: readonly Scenario[]
  /** Given all figures so far whenever a round has ended, so that a run that is broken off leaves something. */
  readonly onRound?: (result: RunResult, rounds: number) => void
}

/** All figures, in the order of rounds: measure by contestant. A contestant that failed has its reason instead. */
export interface RunResult {
  readonly figures: Record<string, Record<string, number[]>>
  readonly failed: Record<string, string[]>
  readonly browser: string
}

const LINK = { pageSize: 5000, pushSize: 5000 }

interface Task {
  readonly round: number
  readonly scenario: Scenario
  readonly entrant: Entrant
}

/**
 * Rounds are interleaved: in each, every scenario runs once for every contestant, one right after
 * the other, beginning with another contestant each time. Each run has a new profile on disk.
 */
export async function run(
  options: RunOptions,
  tell: (done: number, total: number, what: string) => void,
): Promise<RunResult> {
  const { entrants, workloads, rounds, onRound = () => {} } = options
  const figures: RunResult['figures'] = {}
  const failed: RunResult['failed'] = {}
  const tasks = tasksOf(options)
  const pages = new Map<string, string>()
  for (const { name } of entrants) pages.set(name, await bundlePage(name))
  if (workloads.includes('W8')) {
    for (const entrant of entrants) keep(figures, entrant, { W8: await sizeOf(entrant.name) })
  }
  const server = await startBenchServer()
  let browser = ''
  try {
    for (const [done, { round, scenario, entrant }] of tasks.entries()) {
      tell(done, tasks.length, `round ${round + 1} of ${rounds}: ${scenario.name}, ${entrant.title}`)
      try {
        const script = pages.get(entrant.name) ?? ''
        const found = await runOne({ scenario, entrant, script }, { server, ...options })
        browser = found.browser
        keep(figures, entrant, found.figures)
      } catch (error) {
        const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
        failed[entrant.name] = [...(failed[entrant.name] ?? []), `${scenario.name}: ${reason}`]
      }
      if (tasks[done + 1]?.round !== round) onRound({ figures, failed, browser }, round + 1)
    }
  } finally {
    server.stop()
  }
  return { figures, failed, browser }
}

function tasksOf({ entrants, workloads, rounds, scenarios = SCENARIOS }: RunOptions): Task[] {
  const wanted = scenarios.filter((scenario) => scenario.workloads.some((each) => workloads.includes(each)))
  const tasks: Task[] = []
  for (let round = 0; round < rounds; round++) {
    const order = entrants.map((_, at) => entrants[(at + round) % entrants.length] as Entrant)
    for (const scenario of wanted) {
      for (const entrant of order) {
        const isPossible = scenario.workloads.some(
          (each) => workloads.includes(each) && entrant.cannot[each] === undefined,
        )
        if (isPossible) tasks.push({ round, scenario, entrant })
      }
    }
  }
  return tasks
}

async function runOne(
  { scenario, entrant, script }: { scenario: Scenario; entrant: Entrant; script: string },
  given: { server: BenchServer } & Pick<RunOptions, 'workloads' | 'documents' | 'deadline'>,
): Promise<{ figures: Figures; browser: string }> {
  const { server, workloads } = given
  const sizes = sizesFor(given.documents)
  server.begin({ script, documents: scenario.documents(sizes) })
  const session = await Session.start(server.url)
  try {
    const wants = (workload: Workload) =>
      workloads.includes(workload) && entrant.cannot[workload] === undefined
    const found = await within(given.deadline, scenario.run({ session, server, link: LINK, sizes, wants }))
    const figures = Object.entries(found).filter(([key]) => wants(key.split(' ')[0] as Workload))
    return { figures: Object.fromEntries(figures), browser: await session.version() }
  } finally {
    await session.close()
  }
}

function keep(figures: RunResult['figures'], { name }: Entrant, found: Figures): void {
  figures[name] ??= {}
  const own = figures[name]
  for (const [key, value] of Object.entries(found)) own[key] = [...(own[key] ?? []), value]
}

/** Gives up on `work`, which goes on until its browser is closed. */
async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`not done in ${seconds} s`)), seconds * 1000)
  work.catch(() => undefined)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
